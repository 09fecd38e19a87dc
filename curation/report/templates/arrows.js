// Arrows from the trigger of each event to its arguments, drawn over the text. The list of events
// under the text says the same to those who do not see them, and is where the arrows are read from.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const make = (name, attributes, parent) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
  };
  const views = [...document.querySelectorAll(".view")].filter((view) =>
    view.querySelector("[data-t]"),
  );

  // The first line of a mark, relative to the text: its middle and its top.
  const place = (mark, origin) => {
    const box = mark.getClientRects()[0];
    return { x: box.left + box.width / 2 - origin.left, y: box.top - origin.top };
  };
  const curve = (a, b) => {
    const rise = Math.min(26, 9 + Math.abs(b.x - a.x) / 18);
    return `M${a.x},${a.y}C${a.x},${a.y - rise} ${b.x},${b.y - rise} ${b.x},${b.y - 3}`;
  };
  const arrow = (group, from, to, role) => {
    make("path", { d: curve(from, to) }, group);
    make("path", { class: "head", d: `M${to.x},${to.y}l-3.5,-6h7z` }, group);
    const text = make("text", { x: to.x, y: to.y - 8, "text-anchor": "middle" }, group);
    text.textContent = role;
  };

  const draw = (view) => {
    const text = view.querySelector(".text");
    view.querySelector(".arrows")?.remove();
    if (!text.offsetParent) return;
    const origin = text.getBoundingClientRect();
    const svg = make("svg", { class: "arrows", "aria-hidden": "true", focusable: "false" }, text);
    const marks = new Map([...text.querySelectorAll("[data-m]")].map((m) => [m.dataset.m, m]));
    for (const event of view.querySelectorAll("[data-t]")) {
      const trigger = marks.get(event.dataset.t);
      if (!trigger) continue;
      const colour = [...trigger.classList].find((name) => /^k\d+$/.test(name)) ?? "";
      const group = make("g", { class: colour, "data-of": event.dataset.t }, svg);
      const from = place(trigger, origin);
      for (const filler of event.querySelectorAll("[data-e]")) {
        const mark = marks.get(filler.dataset.e);
        const role = filler.querySelector("bdi").textContent;
        if (mark) arrow(group, from, place(mark, origin), role);
      }
    }
  };
  const point = (view, number) => {
    view.classList.toggle("pointed", Boolean(number));
    for (const element of view.querySelectorAll("[data-of], [data-t]")) {
      const its = element.dataset.of ?? element.dataset.t;
      element.classList.toggle("on", its === number);
    }
  };
  const numberAt = (target) =>
    target.closest("[data-t]")?.dataset.t ?? target.closest("mark.trigger[data-m]")?.dataset.m;

  for (const view of views) {
    view.addEventListener("pointerover", (event) => point(view, numberAt(event.target)));
    view.addEventListener("pointerleave", () => point(view));
    view.addEventListener("focusin", (event) => point(view, numberAt(event.target)));
    view.addEventListener("focusout", () => point(view));
  }
  let waiting = 0;
  const drawAll = () => views.forEach(draw);
  addEventListener("resize", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(drawAll);
  });
  addEventListener("beforeprint", drawAll);
  drawAll();
})();
