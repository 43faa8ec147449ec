// The table page: two pictures of the same place that move together, a chosen cell, a chosen area.
"use strict";
(() => {
  const sheet = document.getElementById("sheet");
  if (!sheet) return roving();
  const views = [...sheet.querySelectorAll("svg.view")].map((svg) => new PageView(svg));
  const cells = [...sheet.querySelectorAll("[data-ref][data-row]")].map((element) => ({
    element,
    ref: element.dataset.ref,
    row: Number(element.dataset.row),
    col: Number(element.dataset.col),
    rows: Number(element.dataset.rowspan),
    cols: Number(element.dataset.colspan),
    box: ["x", "y", "width", "height"].map((name) => Number(element.parentNode.getAttribute(name))),
  }));
  const form = document.getElementById("edit");
  let at = cells.find((cell) => cell.ref === sheet.dataset.chosen) ?? cells[0];
  let far = at;

  function covering(row, col) {
    return cells.find(
      (cell) => cell.row <= row && row < cell.row + cell.rows && cell.col <= col && col < cell.col + cell.cols,
    );
  }

  // The chosen area grows until it cuts through no merged cell.
  function area() {
    let rows = [Math.min(at.row, far.row), Math.max(at.row + at.rows, far.row + far.rows) - 1];
    let cols = [Math.min(at.col, far.col), Math.max(at.col + at.cols, far.col + far.cols) - 1];
    for (let grown = true; grown; ) {
      grown = false;
      for (const cell of cells) {
        const [bottom, right] = [cell.row + cell.rows - 1, cell.col + cell.cols - 1];
        if (bottom < rows[0] || cell.row > rows[1] || right < cols[0] || cell.col > cols[1]) continue;
        const next = [
          [Math.min(rows[0], cell.row), Math.max(rows[1], bottom)],
          [Math.min(cols[0], cell.col), Math.max(cols[1], right)],
        ];
        if (String(next) !== String([rows, cols])) {
          [rows, cols] = next;
          grown = true;
        }
      }
    }
    return { rows, cols };
  }

  function show() {
    const { rows, cols } = area();
    const inside = cells.filter(
      (cell) => cell.row >= rows[0] && cell.row <= rows[1] && cell.col >= cols[0] && cell.col <= cols[1],
    );
    const left = Math.min(...inside.map((cell) => cell.box[0]));
    const top = Math.min(...inside.map((cell) => cell.box[1]));
    const right = Math.max(...inside.map((cell) => cell.box[0] + cell.box[2]));
    const bottom = Math.max(...inside.map((cell) => cell.box[1] + cell.box[3]));
    for (const mark of sheet.querySelectorAll("[data-mark]")) {
      const box = { x: left, y: top, width: right - left, height: bottom - top };
      for (const [name, value] of Object.entries(box)) mark.setAttribute(name, value);
    }
    document.getElementById("words").textContent = `${at.ref}  ${at.element.dataset.words}`;
    form.elements.row.value = rows[0];
    form.elements.col.value = cols[0];
    form.elements.last_row.value = rows[1];
    form.elements.last_col.value = cols[1];
  }

  function step(down, across, extend) {
    const from = extend ? far : at;
    const row = down > 0 ? from.row + from.rows : from.row + (down < 0 ? -1 : 0);
    const col = across > 0 ? from.col + from.cols : from.col + (across < 0 ? -1 : 0);
    const to = covering(row, col);
    if (!to) return;
    far = to;
    if (!extend) at = to;
    show();
    keepInSight(to);
  }

  function keepInSight(cell) {
    const [left, top, wide, high] = views[0].box;
    const [x, y, width, height] = cell.box;
    const [dx, dy] = [
      x < left ? x - left : x + width > left + wide ? x + width - left - wide : 0,
      y < top ? y - top : y + height > top + high ? y + height - top - high : 0,
    ];
    if (dx || dy) views.forEach((view) => view.pan(dx / wide, dy / high));
  }

  function open() {
    location.assign(`${sheet.dataset.address}/open/${at.ref}`);
  }

  // Both pictures show the same place.
  for (const view of views) {
    const others = views.filter((other) => other !== view);
    const look = view.look.bind(view);
    view.look = (...box) => {
      look(...box);
      for (const other of others) {
        other.box = box;
        other.svg.setAttribute("viewBox", view.svg.getAttribute("viewBox"));
      }
    };
    view.mode = "table";
  }
  const fit = () => views[0].fit();
  fit();
  window.addEventListener("resize", fit);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const onButton = event.target.closest?.("button, a, input");
    let done = true;
    if (steps[event.key]) step(...steps[event.key], event.shiftKey);
    else if (event.key === "Enter" && !onButton) open();
    else if (event.key === "PageUp") views[0].zoom(0.75);
    else if (event.key === "PageDown") views[0].zoom(1.33);
    else if (event.key === "p") fit();
    else if (event.key === "q") location.assign("/");
    else {
      const button = sheet.querySelector(`[data-table-key="${CSS.escape(event.key)}"]`);
      if (button) button.click();
      else done = false;
    }
    if (done) event.preventDefault();
  });
  sheet.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-open]")) return open();
    const button = event.target.closest("[data-step]");
    if (button) form.elements.last_col.value = Number(form.elements.col.value) + Number(button.dataset.step);
    const chosen = event.target.closest("[data-ref]");
    const cell = chosen && cells.find((one) => one.ref === chosen.dataset.ref);
    if (!cell) return;
    far = cell;
    if (!event.shiftKey) at = cell;
    show();
  });
  sheet.addEventListener("dblclick", (event) => {
    if (event.target instanceof Element && event.target.closest(".cell")) open();
  });
  show();

  // Lists of pictures: arrows move between them as in a grid.
  function roving() {
    const list = document.querySelector("[data-roving]");
    if (!list) return;
    const links = [...list.querySelectorAll("a")];
    links.forEach((link, at) => (link.tabIndex = at ? -1 : 0));
    list.addEventListener("keydown", (event) => {
      const from = links.indexOf(document.activeElement);
      if (from < 0) return;
      const top = links[0].offsetTop;
      const across = Math.max(links.findIndex((link) => link.offsetTop !== top), 1);
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
      const to = links[from + (steps[event.key] ?? 0)];
      if (!steps[event.key] || !to) return;
      event.preventDefault();
      links[from].tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    });
    links[0]?.focus({ preventScroll: true });
  }
})();
