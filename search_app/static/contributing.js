// Comforts of the forms: saving by itself, rows without a new page, look-alikes. Everything works without it.
"use strict";

const SAVE_AFTER = 3000; // ms of quiet after the last change
const ASK_AFTER = 300;

/** What the form holds; files stay behind unless they are what is being sent. */
function contents(form, withFiles) {
  const data = new FormData(form);
  if (!withFiles) data.delete("files");
  return data;
}

/** Save the form as it stands a few seconds after every change, and say when. */
function autosave(form) {
  const told = document.getElementById("saved");
  let timer = 0;
  let saving = false;
  let again = false;
  let sent = false;

  function say(text, trouble) {
    told.textContent = text;
    told.classList.toggle("trouble", Boolean(trouble));
  }

  async function save(leaving) {
    clearTimeout(timer);
    timer = 0;
    if (sent) return;
    if (saving) { again = true; return; }
    saving = true;
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body: contents(form, false), keepalive: leaving === true, redirect: "error" });
      const data = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      if (data.saved) say("已自动保存 " + data.saved);
      else if (answer.status === 401) say("没有自动保存：登录已过期，请在新窗口登录后再接着写", true);
      else say("没有自动保存：" + (data.error || "请按“存草稿”"), true);
    } catch {
      say("没有自动保存：连不上网站，请先不要关闭页面", true);
    }
    saving = false;
    if (again) { again = false; later(); }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  }

  form.addEventListener("input", (event) => { if (!event.isComposing && event.target.type !== "file") later(); });
  form.addEventListener("compositionend", later);
  form.addEventListener("rows", later);
  form.addEventListener("submit", () => { sent = true; });
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && timer) save(true); });
  // A form that came back is as it was sent: nothing of it may hang on one more keystroke.
  if ("unsaved" in form.dataset) later();
}

/** Row buttons: the server changes the form, only the rows on this page are exchanged. */
function rowsInPlace(form) {
  let working = null; // the exchange under way; gives whether the page stays

  async function exchange(button) {
    const rows = button.closest("[data-rows]").id;
    const data = contents(form, button.value === "upload");
    data.append("do", button.value);
    button.disabled = true;
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById(rows)) throw new Error("no form");
      form.querySelectorAll("[data-rows]").forEach(function (old) {
        const fresh = page.getElementById(old.id);
        if (fresh) old.replaceWith(fresh);
      });
      look(form, rows, button.value);
      form.dispatchEvent(new Event("rows"));
      return true;
    } catch {
      // Logged out, or offline: the browser's own way, which says so.
      button.disabled = false;
      const plain = document.createElement("input");
      plain.type = "hidden"; plain.name = "do"; plain.value = button.value;
      form.append(plain);
      form.submit();
      return false;
    }
  }

  form.addEventListener("click", function (event) {
    const button = event.target.closest("[data-rows] button[name=do]");
    if (!button || button.disabled) return;
    event.preventDefault();
    if (!working) working = exchange(button).finally(() => { working = null; });
  });
  // Sent while rows are being exchanged, the form would go without what was just added.
  form.addEventListener("submit", function (event) {
    if (!working) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    working.then((stays) => { if (stays) form.requestSubmit(event.submitter); });
  });
  form.addEventListener("keydown", function (event) {
    const find = { "find-rule": "find-rule", "find-entry": "find-entry" }[event.target.id];
    if (event.key !== "Enter" || !find) return;
    event.preventDefault();
    if (!event.isComposing && event.keyCode !== 229) form.querySelector("button[value=" + find + "]").click();
  });
}

/** After a row button: to the new row, the found clauses, or the heading of the rows. */
function look(form, rows, pressed) {
  const here = form.querySelector("#" + rows);
  const last = Array.from(here.querySelectorAll("fieldset")).pop();
  let to = here.querySelector("[tabindex='-1']");
  if (/-add$/.test(pressed) || pressed.startsWith("cite:")) to = last && last.querySelector("input:not([type=hidden]), textarea") || to;
  else if (pressed.startsWith("find-")) to = here.querySelector(".offers button") || here.querySelector("#" + pressed) || to;
  const moved = /-(up|down)-(\d+)$/.exec(pressed);
  if (moved) {
    const place = Number(moved[2]) + (moved[1] === "up" ? -1 : 1);
    const row = here.querySelectorAll("fieldset, .attachment-row")[place - 1];
    to = row && row.querySelector(".row-buttons button") || to;
  }
  if (to) to.focus();
}

/** Existing entries that look like the title being typed; half-typed letters of an input method are left alone. */
function lookAlikes(form) {
  const title = form.querySelector("#f-title");
  const place = document.getElementById("alike");
  let timer = 0;
  let asked = 0;
  if (!title || !place || form.elements.target.value.startsWith("change:")) return;

  async function ask() {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.alike + "&title=" + encodeURIComponent(title.value.trim()));
      const page = new DOMParser().parseFromString(answer.ok && !answer.redirected ? await answer.text() : "", "text/html");
      if (mine === asked) place.replaceChildren(...page.body.children);
    } catch { /* offline: nothing to show */ }
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(ask, ASK_AFTER);
  }
  title.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  title.addEventListener("compositionend", later);
  if (title.value.trim()) later();
}

/** Files that would be refused anyway are not sent. */
function sizes(form) {
  form.addEventListener("change", function (event) {
    const input = event.target;
    if (input.id !== "files") return;
    const big = Array.from(input.files).find((file) => file.size > Number(input.dataset.max));
    if (big) {
      input.value = "";
      document.getElementById("saved").textContent = "“" + big.name + "”超过 " + input.dataset.max / 1000000 + " MB，没有选上，请压缩后再传";
      document.getElementById("saved").classList.add("trouble");
    } else if (input.files.length) {
      form.querySelector("button[value=upload]").click();
    }
  });
}

document.querySelectorAll("form.give-form").forEach(function (form) {
  rowsInPlace(form);
  autosave(form);
  lookAlikes(form);
  sizes(form);
  const at = form.dataset.at && document.getElementById(form.dataset.at);
  if (at) (at.matches("[tabindex]") ? at : at.querySelector("[tabindex='-1']") || at).focus();
});
