// What this browser remembers: display, the branch, favourites, history, the guide. Nothing of it is sent.
"use strict";

const HISTORY_LENGTH = 50;

function recall(name, otherwise) {
  try { return JSON.parse(localStorage.getItem("kb:" + name)) ?? otherwise; } catch { return otherwise; }
}

/** False where the browser keeps nothing (private window, full). */
function keep(name, value) {
  try { localStorage.setItem("kb:" + name, JSON.stringify(value)); return true; } catch { return false; }
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Light or dark, text size: a row of buttons each. */
function displaySwitch(group) {
  const name = group.dataset.display;
  const root = document.documentElement;
  const buttons = Array.from(group.querySelectorAll("button"));
  function show() {
    buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.value === (root.dataset[name] || ""))));
  }
  buttons.forEach((button) => button.addEventListener("click", function () {
    if (button.value) root.dataset[name] = button.value;
    else delete root.dataset[name];
    try {
      if (button.value) localStorage.setItem("kb:" + name, button.value);
      else localStorage.removeItem("kb:" + name);
    } catch { /* holds for this page only */ }
    show();
  }));
  show();
}

function items(name) {
  const found = recall(name, []);
  return (Array.isArray(found) ? found : []).filter((item) => item && /^\/(?!\/)/.test(item.url) && item.title);
}

/** An entry's page: remember that it was read, and a button to keep it. */
function entryPage(article) {
  const heading = document.querySelector("h1");
  const item = { url: article.dataset.entry, kind: article.dataset.kind, title: heading.textContent.trim() };
  keep("history", [item, ...items("history").filter((other) => other.url !== item.url)].slice(0, HISTORY_LENGTH));
  const button = element("button", "", "quiet favourite");
  button.type = "button";
  function show() {
    const kept = items("favourites").some((other) => other.url === item.url);
    button.textContent = kept ? "★ 已收藏" : "☆ 收藏";
    button.setAttribute("aria-pressed", String(kept));
  }
  button.addEventListener("click", function () {
    const others = items("favourites").filter((other) => other.url !== item.url);
    const kept = others.length < items("favourites").length;
    if (!keep("favourites", kept ? others : [item, ...others])) button.textContent = "这个浏览器不让保存";
    else show();
  });
  heading.after(button);
  show();
}

/** The lists of the page 我的. */
function list(place) {
  const name = place.dataset.list;
  const found = items(name);
  const rows = found.map(function (item) {
    const row = element("li");
    const link = element("a", item.title);
    link.href = item.url;
    row.append(element("span", item.kind || "", "badge"), " ", link);
    return row;
  });
  place.replaceChildren(...(rows.length ? rows : [element("li", place.dataset.empty)]));
  const clear = document.querySelector("[data-clear=" + name + "]");
  if (!clear) return;
  clear.hidden = found.length === 0;
  clear.onclick = function () { keep(name, []); list(place); };
}

function branch() {
  const said = recall("branch", null);
  return said && Array.isArray(said.keys) ? said : null;
}

/** The form of 我的支部. */
function branchForm(form) {
  const status = form.querySelector("[data-branch-status]");
  const boxes = Array.from(form.querySelectorAll("input[name=keys]"));
  const said = branch();
  if (said) {
    form.elements.members.value = said.members || "";
    form.elements.organisation.value = said.organisation || "";
    boxes.forEach((box) => { box.checked = said.keys.includes(box.value); });
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    const members = parseInt(form.elements.members.value, 10) || 0;
    const keys = boxes.filter((box) => box.checked).map((box) => box.value);
    if (members >= Number(form.dataset.many)) keys.push("many");
    const told = { members, organisation: form.elements.organisation.value, keys };
    status.textContent = keep("branch", told) ? "记下了，案例上会标出来" : "这个浏览器不让保存";
  });
  form.querySelector("[data-clear=branch]").addEventListener("click", function () {
    form.reset();
    try { localStorage.removeItem("kb:branch"); } catch { /* nothing was kept */ }
    status.textContent = "已清除";
  });
}

/** The conditions of a case beside what the branch said of itself. */
function conditions(place) {
  const said = branch();
  if (!said) return;
  const rows = Array.from(place.children);
  let held = 0;
  rows.forEach(function (row) {
    const needs = row.dataset.needs.split(" ").filter(Boolean);
    const holds = needs.some((key) => said.keys.includes(key));
    held += holds ? 1 : 0;
    row.classList.add(holds ? "holds" : needs.length ? "open" : "unsure");
    row.append(" ", element("span", holds ? "✓ 您那里有" : needs.length ? "您没有勾选" : "请自己判断", "verdict"));
  });
  const suits = place.dataset.organisations.split(" ");
  const note = said.organisation && !suits.includes(said.organisation) && !suits.includes("通用")
    ? "；原来是" + suits.join("、") + "的做法" : "";
  place.before(element("p", "对照我的支部：" + rows.length + " 条里有 " + held + " 条" + note, held ? "held some" : "held"));
}

/** The guide for a first visit. */
function guide(place) {
  if (recall("guide", "") === "done") return;
  place.hidden = false;
  place.querySelector("button").addEventListener("click", function () {
    keep("guide", "done");
    place.hidden = true;
    const box = document.querySelector("input[data-suggest]");
    if (box) box.focus();
  });
}

document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
document.querySelectorAll("[data-display]").forEach(displaySwitch);
document.querySelectorAll("[data-entry]").forEach(entryPage);
document.querySelectorAll("[data-list]").forEach(list);
document.querySelectorAll("[data-branch-form]").forEach(branchForm);
document.querySelectorAll("[data-conditions]").forEach(conditions);
document.querySelectorAll("[data-guide]").forEach(guide);
