// The page picture: an SVG whose viewBox is moved. Keys, wheel and dragging all end in `look`.
"use strict";
class PageView {
  static modes = ["near", "table", "page"];

  constructor(svg) {
    this.svg = svg;
    this.width = Number(svg.dataset.width);
    this.height = Number(svg.dataset.height);
    this.mode = PageView.modes.includes(localStorage.getItem("gouji-view"))
      ? localStorage.getItem("gouji-view")
      : "near";
    this.fit();
    this.listen();
  }

  cell() {
    const rect = this.svg.querySelector("rect.self");
    if (!rect) return [0, 0, this.width, this.height];
    return ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  }

  fit() {
    const [left, top, width, height] = this.cell();
    const pane = this.svg.getBoundingClientRect();
    const shape = pane.height > 0 ? pane.width / pane.height : 1;
    if (this.mode === "page") {
      this.frame(this.width / 2, this.height / 2, Math.max(this.width, this.height * shape), shape);
    } else if (this.mode === "table") {
      const [x0, y0, x1, y1] = this.svg.dataset.table.split(" ").map(Number);
      this.frame((x0 + x1) / 2, (y0 + y1) / 2, Math.max(x1 - x0, (y1 - y0) * shape) * 1.04, shape);
    } else {
      const wide = Math.min(Math.max(width * 5, height * 9 * shape, this.width * 0.42), this.width);
      this.frame(left + width / 2, top + height / 2, wide, shape);
    }
  }

  frame(x, y, wide, shape) {
    this.look(x - wide / 2, y - wide / shape / 2, wide, wide / shape);
  }

  look(left, top, wide, high) {
    this.box = [left, top, wide, high];
    this.svg.setAttribute("viewBox", this.box.map((n) => n.toFixed(1)).join(" "));
  }

  nextMode() {
    const at = PageView.modes.indexOf(this.mode);
    this.mode = PageView.modes[(at + 1) % PageView.modes.length];
    localStorage.setItem("gouji-view", this.mode);
    this.fit();
  }

  pan(dx, dy) {
    const [left, top, wide, high] = this.box;
    this.look(left + dx * wide, top + dy * high, wide, high);
  }

  zoom(factor, x, y) {
    const [left, top, wide, high] = this.box;
    const next = Math.min(Math.max(wide * factor, 60), this.width * 3) / wide;
    const [cx, cy] = [x ?? left + wide / 2, y ?? top + high / 2];
    this.look(cx - (cx - left) * next, cy - (cy - top) * next, wide * next, high * next);
  }

  point(event) {
    const pane = this.svg.getBoundingClientRect();
    const [left, top, wide, high] = this.box;
    return [
      left + ((event.clientX - pane.left) / pane.width) * wide,
      top + ((event.clientY - pane.top) / pane.height) * high,
    ];
  }

  listen() {
    this.svg.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.zoom(Math.exp(event.deltaY * 0.0015), ...this.point(event));
      },
      { passive: false },
    );
    let from = null;
    this.svg.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (!from) return;
      const pane = this.svg.getBoundingClientRect();
      this.pan((from[0] - event.clientX) / pane.width, (from[1] - event.clientY) / pane.height);
      from = [event.clientX, event.clientY];
    });
    this.svg.addEventListener("pointerup", () => (from = null));
  }

  light(refs) {
    for (const rect of this.svg.querySelectorAll("rect")) {
      rect.classList.toggle("lit", refs.has(rect.dataset.ref));
    }
  }
}
