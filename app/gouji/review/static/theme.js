// Runs before the page is painted: the theme chosen in this browser, else the system's.
"use strict";
(() => {
  const kept = localStorage.getItem("gouji-theme");
  if (kept) document.documentElement.dataset.theme = kept;
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("#theme")) return;
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("gouji-theme", root.dataset.theme);
  });
})();
