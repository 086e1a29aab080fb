// Comforts only: every page works without this file.
"use strict";

/** Suggestions below a search box; an input method's half-typed letters are left alone. */
function suggest(input) {
  const list = document.createElement("ul");
  let found = [];
  let chosen = -1;
  let timer = 0;
  let asked = 0;
  list.className = "suggestions";
  list.id = input.id + "-suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "搜索建议");
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function show(items) {
    found = items;
    chosen = -1;
    list.replaceChildren(...items.map(row));
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function row(item, number) {
    const line = document.createElement("li");
    const text = document.createElement("span");
    const kind = document.createElement("small");
    line.id = list.id + "-" + number;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    text.textContent = item.text;
    kind.textContent = item.kind === "term" ? "搜索" : "打开";
    line.append(text, kind);
    line.addEventListener("mousedown", function (event) {
      event.preventDefault();
      location.href = item.url;
    });
    return line;
  }

  function choose(number) {
    chosen = (number + found.length + 1) % (found.length + 1);
    if (chosen === found.length) chosen = -1;
    Array.from(list.children).forEach((line, n) => line.setAttribute("aria-selected", String(n === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[chosen].id);
  }

  async function ask() {
    const typed = input.value.trim();
    const mine = ++asked;
    if (!typed) return show([]);
    try {
      const answer = await fetch(input.dataset.suggest + "?q=" + encodeURIComponent(typed));
      const data = await answer.json();
      if (mine === asked && document.activeElement === input) show(data.suggestions || []);
    } catch {
      show([]);
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  }

  input.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  input.addEventListener("compositionend", later);
  input.addEventListener("blur", () => show([]));
  input.addEventListener("keydown", function (event) {
    if (event.isComposing || event.keyCode === 229) {
      // Enter here accepts the input method's word; it must not send the form.
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); show([]); }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? found.length - 1 : chosen - 1); }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); location.href = found[chosen].url; }
  });
}

/** Ticks of a checklist stay in this browser. */
function remember(steps) {
  const key = "checklist:" + steps.dataset.checklist;
  const boxes = Array.from(steps.querySelectorAll("input[type=checkbox]"));
  let done = [];
  try { done = JSON.parse(localStorage.getItem(key) || "[]"); } catch { return; }
  boxes.forEach((box) => { box.checked = Array.isArray(done) && done.includes(box.value); });
  const bar = document.createElement("p");
  const tally = document.createElement("span");
  const clear = document.createElement("button");
  bar.className = "actions";
  tally.setAttribute("role", "status");
  clear.type = "button";
  clear.className = "quiet";
  clear.textContent = "清除勾选";
  bar.append(tally, clear);
  steps.after(bar);

  function keep() {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    tally.textContent = "已完成 " + ticked.length + " / " + boxes.length + " 步（只记在这台设备上）";
    clear.hidden = ticked.length === 0;
    try { localStorage.setItem(key, JSON.stringify(ticked)); } catch { /* full or forbidden */ }
  }
  steps.addEventListener("change", keep);
  clear.addEventListener("click", function () {
    boxes.forEach((box) => { box.checked = false; });
    keep();
  });
  keep();
}

/** Leaving a half-written form asks first; sending it twice is prevented. */
function guard(form) {
  let dirty = document.getElementById("problems") !== null;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", function () {
    dirty = false;
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
  addEventListener("pageshow", () => form.querySelectorAll("button").forEach((button) => { button.disabled = false; }));
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

document.querySelectorAll("input[data-suggest]").forEach(suggest);
document.querySelectorAll("[data-checklist]").forEach(remember);
document.querySelectorAll("form.case-form").forEach(guard);
const problems = document.getElementById("problems");
if (problems) problems.focus();

document.addEventListener("keydown", function (event) {
  const at = event.target;
  const typing = at instanceof HTMLElement && (at.isContentEditable || at.matches("input, textarea, select"));
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const box = document.querySelector("input[data-suggest]");
  if (box) { event.preventDefault(); box.focus(); box.select(); }
});
