// Loaded before the page is drawn, so that a chosen mode does not flash. The switches are wired in mine.js.
"use strict";
(function () {
  ["theme", "size"].forEach(function (name) {
    try {
      const value = localStorage.getItem("kb:" + name);
      if (/^[a-z]{1,10}$/.test(value || "")) document.documentElement.dataset[name] = value;
    } catch { /* storage is forbidden: the system's mode applies */ }
  });
})();
