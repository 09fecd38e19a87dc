// Filters: an element that is about a language, a label or an annotator says so in data-*.
// Rows and documents that do not fit are hidden, cells of a matrix are dimmed. What a figure
// cannot be filtered by is said beside it.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const shown = document.getElementById("shown");
  const selects = [...form.querySelectorAll("select")];
  const kinds = selects.map((select) => select.name);
  const items = [...document.querySelectorAll(kinds.map((kind) => `main [data-${kind}]`).join())];
  const groups = [...document.querySelectorAll("[data-group]")];
  const articles = items.filter((item) => item.localName === "article");
  const about = new Map();
  for (const figure of document.querySelectorAll("main figure")) {
    about.set(figure, new Set(kinds.filter((kind) => figure.querySelector(`[data-${kind}]`))));
  }

  const fits = (item) =>
    selects.every(
      ({ name, value }) =>
        !value || !(name in item.dataset) || item.dataset[name].split(" ").includes(value),
    );
  const apply = () => {
    for (const item of items) {
      if (item.localName === "td") item.classList.toggle("off", !fits(item));
      else item.hidden = !fits(item);
    }
    for (const group of groups) {
      const rows = [...group.children];
      group.parentElement.classList.toggle(
        "none-left", rows.length > 0 && rows.every((row) => row.hidden),
      );
    }
    const active = selects.filter((select) => select.value).map((select) => select.name);
    document.body.classList.toggle("filtered", active.length > 0);
    for (const [figure, own] of about) {
      const missing = active.filter((kind) => !own.has(kind));
      if (missing.length) figure.dataset.unfiltered = missing.join(", ");
      else delete figure.dataset.unfiltered;
    }
    const n = articles.filter((item) => !item.hidden).length;
    shown.textContent = `${n} of ${articles.length} documents with disagreements shown`;
    dispatchEvent(new Event("resize")); // arrows of documents that come back are drawn anew
  };
  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  form.reset();
  apply();
})();
