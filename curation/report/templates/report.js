"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  dark.addEventListener("change", name);
  name();

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  const form = document.getElementById("filters");
  if (!form) return;
  const shown = document.getElementById("shown");
  const documents = [...document.querySelectorAll("article.document")];
  const chosen = [...form.querySelectorAll("select")];
  const has = (item, select) =>
    !select.value ||
    (select.dataset.by === "language"
      ? item.dataset.language === select.value
      : item.dataset[select.dataset.by].split(" ").includes(select.value));
  const apply = () => {
    for (const item of documents) item.hidden = !chosen.every((select) => has(item, select));
    const n = documents.filter((item) => !item.hidden).length;
    shown.textContent = `${n} of ${documents.length} shown`;
  };
  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.reset();
  apply();
})();
