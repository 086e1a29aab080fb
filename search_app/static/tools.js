// Comforts of the tool pages: printing by button, and the summary of mistakes gets the focus.
"use strict";
document.querySelectorAll("[data-print]").forEach(function (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
