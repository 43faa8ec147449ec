// The checks of axe that fit our pages, run inside the page: names, labels, headings, ids, contrast of every text.
() => {
  const problems = [];
  const say = (rule, element) => problems.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const name = (element) =>
    element.getAttribute("aria-label") || element.textContent.trim() || element.title ||
    [...element.querySelectorAll("img")].map((image) => image.alt).join("");
  if (!document.documentElement.lang) problems.push("no language");
  if (!document.title) problems.push("no title");
  if (!document.querySelector("main")) problems.push("no main");
  const ids = all("[id]").map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`id twice: ${id}`);
  for (const image of all("img")) if (!image.hasAttribute("alt")) say("no alt", image);
  for (const svg of all("svg[role=img], svg[role=group]")) if (!name(svg)) say("no name", svg);
  for (const button of all("button, a[href]")) if (visible(button) && !name(button)) say("no name", button);
  for (const input of all("input:not([type=hidden]), select, textarea")) {
    if (!input.labels?.length && !input.getAttribute("aria-label")) say("no label", input);
  }
  for (const head of all("table.rows thead th")) if (!head.scope) say("no scope", head);
  for (const list of all("ul, ol")) {
    for (const child of list.children) if (child.tagName !== "LI") say("not an item", child);
  }
  const headings = all("h1, h2, h3").filter(visible).map((element) => Number(element.tagName[1]));
  if (headings[0] !== 1) problems.push(`first heading is h${headings[0]}`);
  headings.forEach((level, at) => {
    if (at && level > headings[at - 1] + 1) problems.push(`h${headings[at - 1]} then h${level}`);
  });
  const parse = (colour) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const paint = canvas.getContext("2d");
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const over = (top, under) => top.slice(0, 3).map((v, at) => v * top[3] + under[at] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      layers.push(parse(getComputedStyle(one).backgroundColor));
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || seen.has(element) || !visible(element)) continue;
    if (element.closest("dialog:not([open]), noscript, title, script, button:disabled")) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const inPlot = element.closest("svg") && !element.closest("foreignObject");
    const under = ground(element);
    const ink = over(parse(inPlot ? style.fill : style.color), under);
    const [a, b] = [light(ink), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) say(`contrast ${ratio.toFixed(2)}`, element);
  }
  return problems;
}
