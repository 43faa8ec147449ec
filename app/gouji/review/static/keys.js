// The card without a mouse. Digits go to the field; letters are commands, because no figure has letters.
"use strict";
(() => {
  let view = null;
  let shownAt = 0;
  let hiddenFor = 0;
  let hiddenSince = null;
  let strokes = 0;
  let rule = -1;
  let waiting = null; // the timer of an answer under way
  const PATIENCE = 150; // milliseconds: what is answered sooner needs no word

  const desk = () => document.getElementById("desk");
  const field = () => document.getElementById("text");

  function arrive() {
    const here = desk();
    if (!here || !here.dataset.item) return;
    shownAt = performance.now();
    hiddenFor = 0;
    strokes = 0;
    rule = -1;
    const svg = document.getElementById("view");
    if (svg) view = new PageView(svg);
    const text = field();
    text.focus();
    text.select();
    const crop = document.getElementById("crop");
    if (crop?.complete && !crop.naturalWidth) trouble(crop.dataset.gone); // it failed before this script ran
    if (here.dataset.blind) return;
    remember(here.dataset.item);
    fetch(`/peek?but=${here.dataset.item}&${here.dataset.query}`)
      .then((answer) => (answer.ok ? answer.json() : []))
      .then((pictures) => pictures.forEach((address) => (new Image().src = address)))
      .catch(() => {}); // only a head start; the card itself reports trouble
  }

  // While an answer is worked in nothing can be typed, and the page says why.
  function work() {
    const text = field();
    if (text) text.readOnly = true;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      desk()?.classList.add("working");
      const told = document.getElementById("working");
      if (told) told.hidden = false;
    }, PATIENCE);
    desk()?.setAttribute("aria-busy", "true");
  }

  function rest() {
    clearTimeout(waiting);
    const here = desk();
    if (!here) return;
    here.classList.remove("working");
    here.removeAttribute("aria-busy");
    const told = document.getElementById("working");
    if (told) told.hidden = true;
    const text = field();
    if (text) text.readOnly = false;
  }

  function remember(item) {
    const trail = JSON.parse(sessionStorage.getItem("gouji-trail") || "[]");
    if (trail[trail.length - 1] !== item) trail.push(item);
    sessionStorage.setItem("gouji-trail", JSON.stringify(trail.slice(-200)));
  }

  function back() {
    const trail = JSON.parse(sessionStorage.getItem("gouji-trail") || "[]");
    trail.pop();
    const before = trail.pop();
    sessionStorage.setItem("gouji-trail", JSON.stringify(trail));
    if (!before) return;
    const query = desk().dataset.query;
    htmx.ajax("GET", `/card/${before}?${query}`, { target: "#desk", swap: "outerHTML" });
  }

  function pick(key) {
    const choice = desk().querySelector(`[data-pick="${key}"]`);
    if (choice) take(choice);
  }

  function take(choice) {
    const text = field();
    text.value = choice.dataset.text;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  }

  // The rules as they would be with what is typed now; a later keystroke overtakes an earlier answer.
  let asking = null;
  async function computeRules() {
    asking?.abort();
    asking = new AbortController();
    const text = field();
    try {
      const address = `${text.dataset.rules}?text=${encodeURIComponent(text.value)}`;
      const answer = await fetch(address, { signal: asking.signal, headers: { "HX-Request": "true" } });
      const rules = document.getElementById("rules");
      if (answer.ok && field() === text) rules.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") trouble(desk()?.dataset.offline ?? "");
    }
  }

  function nextRule() {
    const rules = [...desk().querySelectorAll("[data-rule]")];
    if (!rules.length) return;
    rule = (rule + 1) % rules.length;
    lightRule(rules[rule], rules);
    rules[rule].scrollIntoView({ block: "nearest" });
  }

  function lightRule(chosen, rules) {
    rules.forEach((one) => one.classList.toggle("lit", one === chosen));
    const refs = chosen ? [...chosen.querySelectorAll("[data-ref]")].map((term) => term.dataset.ref) : [];
    view?.light(new Set(refs));
  }

  const commands = {
    p: () => view?.nextMode(),
    r: nextRule,
    n: () => document.getElementById("why")?.focus(),
    t: () => location.assign(desk().dataset.table),
    q: () => location.assign(`/?${desk().dataset.query}`),
    "?": () => document.getElementById("help")?.showModal(),
  };

  function command(letter) {
    if (commands[letter]) {
      commands[letter]();
      return true;
    }
    const button = desk().querySelector(`[data-letter="${CSS.escape(letter)}"]`);
    if (!button || button.disabled) return false;
    button.click();
    return true;
  }

  const isInNote = () => document.activeElement?.id === "why";

  function isCommand(event) {
    if (event.altKey) return /^[a-z]$/.test(event.key);
    return Boolean(desk().dataset.figure) && !isInNote() && /^[a-zA-Z?？]$/.test(event.key);
  }

  function onKey(event) {
    if (event.isComposing || event.key === "Process") return;
    const here = desk();
    if (!here || !here.dataset.item) return onPage(event);
    if (document.getElementById("help")?.open) {
      if (event.key !== "?") return;
      event.preventDefault(); // else it would be typed into the field that gets the focus back
      document.getElementById("help").close();
      return;
    }
    if (here.hasAttribute("aria-busy") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return;
    }
    strokes += 1;
    if (event.ctrlKey || event.metaKey) return;
    // A key held down answers one figure, not those after it.
    if (event.repeat && (event.key === "Enter" || isCommand(event))) {
      event.preventDefault();
      return;
    }
    const digit = /^(Digit|Numpad)(\d)$/.exec(event.code);
    const steps = { ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, -0.2], ArrowDown: [0, 0.2] };
    const inNote = isInNote();
    let done = true;
    if (event.altKey && digit) pick(digit[2]);
    else if (event.shiftKey && steps[event.key] && !inNote) view?.pan(...steps[event.key]);
    else if (event.key === "PageUp") view?.zoom(0.75);
    else if (event.key === "PageDown") view?.zoom(1.33);
    else if (event.key === "F1") commands["?"]();
    else if (["Escape", "Enter"].includes(event.key) && inNote) field().focus();
    else if (isCommand(event)) done = command(event.key.toLowerCase().replace("？", "?")) || !event.altKey;
    else done = false;
    if (done) event.preventDefault();
  }

  function onPage(event) {
    if (event.key !== "Enter" || event.target.closest?.("input, textarea, button, a, select")) return;
    document.querySelector('[data-key="Enter"]')?.click();
  }

  function trouble(words) {
    const place = document.getElementById("trouble");
    if (!place) return;
    place.textContent = words;
    place.hidden = false;
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("input", (event) => {
    if (event.target === field() && field().dataset.rules) computeRules();
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const choice = event.target.closest(".choice");
    if (choice) take(choice);
    const button = event.target.closest("[data-do]");
    if (button?.dataset.do === "back") back();
    if (button?.dataset.do === "undo") htmx.trigger(button, "undo");
  });
  document.addEventListener("mouseover", (event) => {
    if (!(event.target instanceof Element)) return;
    const over = event.target.closest("[data-rule]");
    if (over) lightRule(over, [...desk().querySelectorAll("[data-rule]")]);
  });
  document.addEventListener("change", (event) => {
    event.target.closest?.("[data-autosubmit]")?.requestSubmit();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenSince = performance.now();
    else if (hiddenSince !== null) {
      hiddenFor += performance.now() - hiddenSince;
      hiddenSince = null;
    }
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "post" || event.detail.elt.id !== "form") return;
    event.detail.parameters.seconds = ((performance.now() - shownAt - hiddenFor) / 1000).toFixed(2);
    event.detail.parameters.keys = strokes;
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") work();
  });
  document.addEventListener("htmx:afterRequest", rest);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "desk" || event.detail.elt.id === "desk") arrive();
  });
  document.addEventListener("htmx:sendError", () => {
    trouble(desk()?.dataset.offline ?? "");
    field()?.focus();
  });
  document.addEventListener("htmx:responseError", (event) => {
    trouble(`${desk()?.dataset.refused ?? ""} ${event.detail.xhr.status}`);
  });
  document.addEventListener(
    "error",
    (event) => {
      if (!(event.target instanceof Element)) return;
      if (event.target.id === "crop") trouble(event.target.dataset.gone);
    },
    true,
  );
  window.addEventListener("resize", () => view?.fit());
  window.addEventListener("popstate", () => location.reload());
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrive);
  else arrive();
})();
