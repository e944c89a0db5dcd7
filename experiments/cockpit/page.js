// Draws what the server sends. Nothing here computes: texts, colours and lengths come as they are.
window.guantong = (() => {
  const STAGE_COLOURS = ["#cc8a1d", "#0072b2", "#b8c2cc"]; // waiting, at work, on the way
  let words = null, map = null, times = [];
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function element(tag, options = {}, ...children) {
    const { text, ...attributes } = options;
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    if (text !== undefined) found.textContent = text;
    found.append(...children);
    return found;
  }
  function drawing(tag, attributes) {
    const found = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    return found;
  }
  function write(node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  }
  function paint(node, property, value) {
    if (node.style[property] !== value) node.style[property] = value;
  }

  // The frame of the page: crumbs, legend and a panel for each side.
  function build(given) {
    words = given;
    const root = $("#gt-sides");
    if (!root) return;
    const legend = element("div", { class: "gt-legend" }, element("span", { id: "gt-unit" }), element("span", { text: "0" }));
    for (const colour of words.colours) legend.append(element("b", { style: `background:${colour}` }));
    legend.append(element("span", { id: "gt-top-value" }));
    const measure = element("div", { class: "gt-measure" });
    for (const name of ["backlog", "latency"]) {
      const button = element("button", { "data-measure": name, text: words[name] });
      button.onclick = () => emitEvent("gt_measure", name);
      measure.append(button);
    }
    legend.append(measure);
    const key = element("span", { class: "gt-key" });
    words.statuses.forEach((text, i) => key.append(element("span", {}, element("u", { style: `background:${STAGE_COLOURS[i]}` }), text)));
    const crumbs = element("div", { class: "gt-crumbs" }, element("span", { id: "gt-crumbs" }), key, legend);
    const pair = element("div", { class: "gt-pair" });
    words.sides.forEach((side) => {
      const head = element("div", { class: "gt-head" }, element("h2", { text: side.name }));
      words.loop.forEach((text) => head.append(element("div", { class: "gt-loop" }, element("b"), element("span", { text }))));
      head.append(element("div", { class: "gt-gap" }));
      words.now.forEach((text) => head.append(element("div", { class: "gt-now" }, element("b"), element("span", { text }))));
      const flow = element("div", { class: "gt-flow" });
      words.stages.forEach((text) => {
        const stack = element("div", { class: "gt-stack" });
        STAGE_COLOURS.forEach((colour) => stack.append(element("u", { style: `background:${colour};width:0` })));
        flow.append(element("div", {}, element("span", { text }, element("i")), stack, element("b")));
      });
      pair.append(element("section", { class: "gt-panel gt-side", style: `--colour:${side.colour}` },
        head, element("div", { class: "gt-map" }), element("div", { class: "gt-list" }), flow));
    });
    root.replaceChildren(crumbs, pair);
  }

  // The map's hexagons, alike on both sides.
  function hexagons(given) {
    map = given;
    const [left, top, width, height] = map.box;
    all(".gt-map").forEach((box) => {
      const svg = drawing("svg", { viewBox: `${left} ${top} ${width} ${height}`, preserveAspectRatio: "xMidYMid meet" });
      box.groups = map.cells.map((cell) => {
        const corners = [0, 1, 2, 3, 4, 5].map((k) => {
          const angle = Math.PI / 6 + (k * Math.PI) / 3;
          return `${(cell.x + cell.r * Math.cos(angle)).toFixed(3)},${(cell.y + cell.r * Math.sin(angle)).toFixed(3)}`;
        });
        const group = drawing("g", { "data-id": cell.id, tabindex: 0 });
        const size = cell.r * Math.min(0.42, 1.5 / cell.wide);
        const name = drawing("text", { x: cell.x, y: cell.y - 0.08 * cell.r, "font-size": size });
        name.textContent = cell.name;
        const value = drawing("text", { class: "gt-value", x: cell.x, y: cell.y + 0.46 * cell.r, "font-size": 0.42 * cell.r, "font-weight": 600 });
        const title = drawing("title", {});
        title.textContent = cell.full;
        group.append(drawing("polygon", { points: corners.join(" "), fill: "#e4e7eb" }), name, value, title);
        group.onclick = () => emitEvent("gt_down", map.level, cell.id);
        group.onkeydown = (event) => { if (event.key === "Enter") group.onclick(); };
        group.size = cell.r;
        return group;
      });
      svg.append(...[...box.groups].sort((a, b) => b.size - a.size)); // small ones on top
      box.replaceChildren(svg);
    });
  }

  function crumbs(names, chosen, measure, unit) {
    const root = $("#gt-crumbs");
    root.replaceChildren();
    names.forEach((text, level) => {
      if (level) root.append(element("i", { text: " › " }));
      const button = element("button", { text });
      button.onclick = () => emitEvent("gt_up", level);
      root.append(button);
    });
    all("[data-measure]").forEach((button) => button.classList.toggle("on", button.dataset.measure === measure));
    all(".gt-map g").forEach((group) => group.classList.toggle("on", Number(group.dataset.id) === chosen));
    write($("#gt-unit"), unit);
  }

  function row(entry) {
    const late = element("span", { text: entry.when });
    if (entry.late) late.className = "late";
    const found = element("button", { class: "gt-row" }, element("em", { class: entry.grade, text: entry.grade }),
      element("b", { text: entry.kind }), late, element("small", { text: entry.where }));
    found.onclick = () => emitEvent("gt_incident", entry.key, entry.place[0], entry.place[1]);
    return found;
  }
  function list(side, title, entries) {
    const box = all(".gt-list")[side];
    const shown = JSON.stringify([title, entries]);
    if (!box || box.dataset.shown === shown) return;
    box.dataset.shown = shown;
    box.replaceChildren(element("h3", { text: title }), ...entries.map(row));
    if (!entries.length) box.append(element("div", { class: "gt-empty", text: words.none }));
  }
  function path(side, title, told) {
    const box = all(".gt-list")[side];
    const shown = JSON.stringify([title, told]);
    if (!box || box.dataset.shown === shown) return;
    box.dataset.shown = shown;
    box.replaceChildren(element("h3", { text: title }));
    if (told.head) box.append(row(told.head));
    if (told.none) box.append(element("div", { class: "gt-empty", text: told.none }));
    told.lines.forEach(([when, what, more, look]) => box.append(element("div", { class: `gt-step ${look}` },
      element("time", { text: when }), element("div", {}, element("b", { text: what }), element("small", { text: more })))));
  }

  function draw(frame) {
    write($("#gt-clock"), frame.clock);
    write($("#gt-state"), frame.says);
    $("#gt-state")?.classList.toggle("busy", frame.state === "loading" || frame.state === "warming");
    write($("#gt-error"), frame.error);
    if ($("#gt-bar")) $("#gt-bar").style.width = `${100 * frame.share}%`;
    if (frame.top) write($("#gt-top-value"), frame.top);
    all(".gt-side").forEach((panel, i) => {
      const side = frame.sides[i];
      if (!side) return;
      all(".gt-loop b", panel).forEach((node, k) => write(node, side.loop[k]));
      all(".gt-now b", panel).forEach((node, k) => write(node, side.now[k]));
      ($(".gt-map", panel).groups || []).forEach((group, k) => {
        if (!side.map[k]) return;
        const [colour, text, dark] = side.map[k];
        paint(group.firstChild, "fill", colour);
        write($(".gt-value", group), text);
        group.classList.toggle("dark", Boolean(dark));
      });
      all(".gt-flow > div", panel).forEach((box, k) => {
        const [widths, numbers] = side.stages[k];
        all(".gt-stack u", box).forEach((bar, j) => paint(bar, "width", `${widths[j]}%`));
        write($("b", box), numbers.slice(0, 2).join("+"));
        write($("i", box), numbers[3]);
        box.title = words.statuses.map((text, j) => `${text}: ${numbers[j]}`).concat(`${words.lately}: ${numbers[3]}`).join("\n");
      });
      if (side.list) list(i, words.alarms, side.list);
    });
    const now = performance.now();
    times = [...times.filter((at) => now - at < 5000), now];
    emitEvent("gt_drawn", frame.n);
  }
  // Frames a second over the last five seconds; the number of the frame that was drawn last.
  const rate = () => (times.length > 1 ? (1000 * (times.length - 1)) / (times.at(-1) - times[0]) : 0);
  return { build, hexagons, crumbs, list, path, draw, rate };
})();
