// A served report asks its own server now and then whether the data have changed since. A page
// that nobody looks at loads itself again; any other offers to, and keeps what is being read.
(() => {
  const mine = document.documentElement.dataset.live;
  if (!mine) return;
  const bar = document.getElementById("newer");
  const offer = () => {
    if (bar.firstChild) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Reload";
    button.addEventListener("click", () => location.reload());
    bar.append("There are newer data. ", button);
  };
  const ask = async () => {
    try {
      const answer = await fetch("version", { cache: "no-store" });
      if (!answer.ok || (await answer.text()) === mine) return;
      if (document.hidden) location.reload();
      else offer();
    } catch {
      // The server is gone; the page stays as it is.
    }
  };
  setInterval(ask, 3000);
  document.addEventListener("visibilitychange", ask);
})();
