"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const details = new Map(data.details.map((one) => [one.id, one]));
const options = {
  responsive: true,
  // Drag to zoom and double click to see all again need no buttons.
  displayModeBar: false,
};
const DASH = "\u2013";
const MINUS = "\u2212";

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function signed(value, digits = 2) {
  if (value === null || value === undefined) return DASH;
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 ? MINUS : "+"}${text}`;
}

function price(value) {
  return value === null || value === undefined ? DASH : String(+value.toPrecision(8));
}

function held(seconds) {
  if (seconds === null || seconds === undefined) return DASH;
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const clock = (t) => new Date(t).toISOString().slice(0, 19).replace("T", " ");

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function layout(extra = {}) {
  const axis = {
    gridcolor: color("grid"), linecolor: color("line"), zerolinecolor: color("line"),
    tickfont: { color: color("soft"), size: 11 }, automargin: true,
  };
  const { xaxis = {}, yaxis = {}, ...rest } = extra;
  const titled = (given) => (given.title ? { ...given, title: { text: given.title, font: { color: color("soft"), size: 12 } } } : given);
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, -apple-system, Segoe UI, Roboto, Arial, sans-serif", color: color("text"), size: 12 },
    margin: { l: 56, r: 16, t: 28, b: 36 },
    hoverlabel: { bgcolor: color("panel"), bordercolor: color("line"), font: { color: color("text"), size: 12 } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11.5, color: color("soft") } },
    xaxis: { ...axis, ...titled(xaxis) }, yaxis: { ...axis, ...titled(yaxis) }, ...rest,
  };
}

const draw = (id, traces, extra) => Plotly.react(id, traces, layout(extra), options);

const FILL_NAMES = { LEG_FILLED: "take-profit", STOPPED: "stop", TRAILED: "trailing stop", TIMED_OUT: "time exit" };

function drawDetail(one) {
  const gain = color("gain");
  const loss = color("loss");
  const traces = [
    { name: "price", x: one.price.t, y: one.price.v, mode: "lines", line: { color: color("price"), width: 1.2 }, hoverinfo: "x+y" },
    { name: "stop", x: one.stop.t, y: one.stop.v, mode: "lines", line: { color: color("stop"), width: 2, shape: "hv" } },
  ];
  if (one.trail.t.length > 0) {
    traces.push({ name: "trailing stop", x: one.trail.t, y: one.trail.v, mode: "lines", line: { color: color("trail"), width: 2, shape: "hv", dash: "dot" } });
  }
  one.levels.forEach((level, index) => traces.push({
    name: "take-profit levels", legendgroup: "levels", showlegend: index === 0,
    x: [one.opened, one.end], y: [level.price, level.price], mode: "lines",
    line: { color: color("level"), width: 1.2, dash: "dash" },
    hovertemplate: `leg ${level.leg} (${level.kind}), ${price(level.qty)}<br>%{y}<extra></extra>`,
  }));
  const long = one.side === "LONG";
  traces.push({
    name: "entry", x: [one.opened], y: [one.entry], mode: "markers",
    marker: { symbol: long ? "triangle-up" : "triangle-down", size: 14, color: color("entry"), line: { color: color("panel"), width: 1.5 } },
    hovertemplate: `${one.side} entry<br>%{y}<extra></extra>`,
  });
  for (const [name, kinds, tint, symbol] of [
    ["take-profit fills", ["LEG_FILLED"], gain, "circle"],
    ["other exits", ["STOPPED", "TRAILED", "TIMED_OUT"], loss, "x"],
  ]) {
    const fills = one.fills.filter((fill) => kinds.includes(fill.kind));
    if (fills.length === 0) continue;
    traces.push({
      name, x: fills.map((fill) => fill.t), y: fills.map((fill) => fill.price), mode: "markers",
      marker: { symbol, size: 11, color: tint, line: { color: color("panel"), width: 1.5 } },
      text: fills.map((fill) => `${FILL_NAMES[fill.kind]}${fill.leg >= 0 ? `, leg ${fill.leg}` : `, ${fill.reason}`}<br>${price(fill.qty)} at ${price(fill.price)}`),
      hovertemplate: "%{text}<extra></extra>",
    });
  }
  const labels = one.levels.map((level) => ({
    x: one.opened, y: level.price, xanchor: "right", showarrow: false, text: `TP${level.leg + 1}`,
    font: { size: 10.5, color: color("level") }, xshift: -4,
  }));
  const band = { type: "rect", xref: "x", yref: "paper", x0: one.opened, x1: one.end, y0: 0, y1: 1, fillcolor: color("band"), line: { width: 0 }, layer: "below" };
  draw("detail", traces, { xaxis: { type: "date" }, yaxis: { tickformat: "~f" }, shapes: [band], annotations: labels, hovermode: "closest" });
}

function showFacts(one) {
  const place = data.closed.id.indexOf(one.id);
  const row = data.rows.find((cells) => cells[0] === one.id);
  const facts = [["Side", one.side], ["Opened", `${clock(one.opened)} UTC`], ["Entry", price(one.entry)]];
  if (place >= 0) {
    const closed = data.closed;
    facts.push(
      ["Average exit", price(closed.exit[place])], ["Closed by", closed.reason[place]],
      ["Held", held((closed.closed[place] - closed.opened[place]) / 1000)],
      ["MAE", `${signed(closed.mae[place])} R`], ["MFE", `${signed(closed.mfe[place])} R`],
      ["Result", `${signed(closed.r[place], 3)} R`, closed.r[place]],
      ["After fees", `${signed(closed.net[place], 3)} R`, closed.net[place]],
    );
  } else if (row) {
    facts.push(["Closed by", "still open"], ["MAE", `${signed(row[8])} R`], ["MFE", `${signed(row[9])} R`]);
  }
  byId("facts").replaceChildren(...facts.map(([name, value, tone]) => {
    const pair = element("div");
    pair.append(element("dt", name), element("dd", value, tone > 0 ? "up" : tone < 0 ? "down" : ""));
    return pair;
  }));
}

function select(id) {
  const one = details.get(id);
  if (!one) return;
  byId("trade").value = String(id);
  showFacts(one);
  drawDetail(one);
}

function step(by) {
  const ids = [...details.keys()];
  const place = ids.indexOf(Number(byId("trade").value));
  select(ids[(place + by + ids.length) % ids.length]);
}

function drawOverview() {
  const closed = data.closed;
  const traces = [{ name: "price", x: data.price.t, y: data.price.v, mode: "lines", line: { color: color("price"), width: 1 }, hoverinfo: "x+y" }];
  for (const [side, symbol] of [["LONG", "triangle-up"], ["SHORT", "triangle-down"]]) {
    for (const [result, tint, wanted] of [["gain", "gain", (r) => r > 0], ["loss", "loss", (r) => r <= 0]]) {
      const places = closed.id.map((_, place) => place).filter((place) => closed.side[place] === side && wanted(closed.net[place]));
      if (places.length === 0) continue;
      traces.push({
        name: `${side}, ${result}`, x: places.map((at) => closed.opened[at]), y: places.map((at) => closed.entry[at]), mode: "markers",
        customdata: places.map((at) => [closed.id[at], closed.net[at], closed.reason[at]]),
        marker: { symbol, size: 8, color: color(tint), opacity: 0.85, line: { color: color("panel"), width: 0.8 } },
        hovertemplate: `${side} %{customdata[0]}<br>entry %{y}<br>%{customdata[1]:+.2f} R, %{customdata[2]}<extra></extra>`,
      });
    }
  }
  draw("overview", traces, { xaxis: { type: "date" }, yaxis: { tickformat: "~f" }, hovermode: "closest" });
}

function drawEquity() {
  const { t, gross, net } = data.equity;
  draw("equity", [
    { name: "before fees", x: t, y: gross, mode: "lines", line: { color: color("soft"), width: 1.3, shape: "hv" }, hovertemplate: "%{y:+.2f} R<extra>before fees</extra>" },
    { name: "after fees", x: t, y: net, mode: "lines", line: { color: color("accent"), width: 2, shape: "hv" }, fill: "tozeroy", fillcolor: color("band"), hovertemplate: "%{y:+.2f} R<extra>after fees</extra>" },
  ], { xaxis: { type: "date" }, yaxis: { title: "R" }, hovermode: "x unified" });
}

function drawDistribution() {
  const net = data.closed.net;
  if (net.length === 0) return draw("distribution", [], {});
  const mean = net.reduce((sum, r) => sum + r, 0) / net.length;
  const bins = (tint, name, values) => ({
    type: "histogram", name, x: values, xbins: { start: -20, end: 60, size: 0.25 }, autobinx: false,
    marker: { color: color(tint), line: { color: color("panel"), width: 1 } }, opacity: 0.9,
    hovertemplate: "%{x} R<br>%{y} trades<extra></extra>",
  });
  draw("distribution", [bins("loss", "loss", net.filter((r) => r < 0)), bins("gain", "gain", net.filter((r) => r >= 0))], {
    barmode: "stack", bargap: 0, xaxis: { title: "R" }, yaxis: { title: "trades" },
    shapes: [{ type: "line", xref: "x", yref: "paper", x0: mean, x1: mean, y0: 0, y1: 1, line: { color: color("text"), width: 1.2, dash: "dot" } }],
    annotations: [{ x: mean, y: 1, yref: "paper", yanchor: "bottom", showarrow: false, text: `mean ${signed(mean)} R`, font: { size: 11, color: color("soft") } }],
    legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom", font: { size: 11.5, color: color("soft") } },
  });
}

function drawExcursions() {
  const closed = data.closed;
  const part = (name, tint, wanted) => {
    const places = closed.id.map((_, at) => at).filter((at) => wanted(closed.net[at]));
    return {
      name, x: places.map((at) => -closed.mae[at]), y: places.map((at) => closed.mfe[at]), mode: "markers",
      customdata: places.map((at) => [closed.id[at], closed.net[at], closed.reason[at]]),
      marker: { size: 6.5, color: color(tint), opacity: 0.7, line: { width: 0 } },
      hovertemplate: "position %{customdata[0]}<br>against %{x:.2f} R, for %{y:.2f} R<br>%{customdata[1]:+.2f} R, %{customdata[2]}<extra></extra>",
    };
  };
  draw("excursions", [part("loss", "loss", (r) => r < 0), part("gain", "gain", (r) => r >= 0)], {
    xaxis: { title: "against (MAE, R)", rangemode: "tozero" }, yaxis: { title: "for (MFE, R)", rangemode: "tozero" }, hovermode: "closest",
  });
}

function drawLegs() {
  const legs = data.legs;
  draw("legs", [{
    type: "bar", x: legs.map((leg) => `TP${leg.leg + 1}<br>${leg.name}`), y: legs.map((leg) => leg.hit_rate),
    text: legs.map((leg) => `${(100 * leg.hit_rate).toFixed(1)} %`), textposition: "outside", cliponaxis: false,
    customdata: legs.map((leg) => [leg.filled, leg.planned]), marker: { color: color("accent"), opacity: 0.85 }, width: 0.55,
    hovertemplate: "%{customdata[0]} of %{customdata[1]}<extra></extra>",
  }], { xaxis: { type: "category" }, yaxis: { tickformat: ".0%", range: [0, 1.08] }, showlegend: false });
}

function drawReasons() {
  const names = Object.keys(data.reasons).reverse();
  const counts = names.map((name) => data.reasons[name]);
  const all = counts.reduce((sum, count) => sum + count, 0);
  draw("reasons", [{
    type: "bar", orientation: "h", y: names, x: counts, text: counts.map((count) => `${count} (${((100 * count) / all).toFixed(0)} %)`),
    textposition: "outside", cliponaxis: false, marker: { color: color("accent"), opacity: 0.85 }, width: 0.6,
    hovertemplate: "%{y}: %{x}<extra></extra>",
  }], { xaxis: { range: [0, 1.25 * Math.max(1, ...counts)] }, yaxis: { type: "category" }, showlegend: false });
}

const COLUMNS = ["Id", "Side", "Opened (UTC)", "Held", "Entry", "Average exit", "Closed by", "Legs", "MAE", "MFE", "R", "R after fees"];
const SHOWN = [String, String, clock, held, price, price, String, String, signed, signed, (r) => signed(r, 3), (r) => signed(r, 3)];
const sorting = { column: 0, ascending: true };

function fillTable() {
  const { column, ascending } = sorting;
  const rows = [...data.rows].sort((a, b) => {
    const [left, right] = [a[column], b[column]];
    if (left === null || right === null) return (left === null) - (right === null);
    const order = left < right ? -1 : left > right ? 1 : a[0] - b[0];
    return ascending ? order : -order;
  });
  byId("trades").tHead.replaceChildren(element("tr"));
  COLUMNS.forEach((name, index) => {
    const mark = index === column ? (ascending ? " \u2191" : " \u2193") : "";
    const head = element("th", name + mark, index === column ? "sorted" : "");
    head.addEventListener("click", () => {
      sorting.ascending = sorting.column === index ? !sorting.ascending : true;
      sorting.column = index;
      fillTable();
    });
    byId("trades").tHead.rows[0].append(head);
  });
  byId("trades").tBodies[0].replaceChildren(...rows.map((cells) => {
    const row = element("tr");
    cells.forEach((cell, index) => {
      const tone = index >= 10 && cell !== null ? (cell > 0 ? "up" : cell < 0 ? "down" : "") : "";
      row.append(element("td", cell === null ? DASH : SHOWN[index](cell), tone));
    });
    if (details.has(cells[0])) {
      row.className = "drawn";
      row.addEventListener("click", () => {
        select(cells[0]);
        byId("explorer").scrollIntoView({ behavior: "smooth" });
      });
    }
    return row;
  }));
}

function fillPage() {
  const { symbol, rules, time, ticks, fills, inputs } = data.headline;
  byId("symbol").textContent = symbol;
  byId("rules").textContent = rules;
  const source = inputs.length === 0 ? ["generated ticks"] : [inputs.length === 1 ? inputs[0].split(/[\\/]/).pop() : `${inputs.length} files`];
  byId("where").textContent = [time, ticks, ...source, fills].join("  \u00b7  ");
  byId("cards").replaceChildren(...data.cards.map(({ name, value, note, tone }) => {
    const card = element("div", undefined, "card");
    card.append(
      element("div", name, "name"),
      element("div", value.replace(/^-(?=\d)/, MINUS), `value ${tone > 0 ? "up" : tone < 0 ? "down" : ""}`),
      element("div", note.replace(/(^|\s)-(?=\d)/g, `$1${MINUS}`), "note"),
    );
    return card;
  }));
  const shown = data.rows.length < data.trades ? `The first ${data.rows.length} of ${data.trades}. ` : "";
  byId("count").textContent = `${shown}A bold id opens the trade above.`;
  byId("trade").replaceChildren(...data.details.map((one) => {
    const place = data.closed.id.indexOf(one.id);
    const result = place >= 0 ? `, ${signed(data.closed.net[place])} R after fees` : "";
    const choice = element("option", `${one.label}: ${one.side} ${one.id}${result}`);
    choice.value = String(one.id);
    return choice;
  }));
  byId("trade").addEventListener("change", (event) => select(Number(event.target.value)));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("explorer").hidden = data.details.length === 0;
}

function drawAll() {
  if (data.details.length > 0) select(Number(byId("trade").value));
  drawOverview();
  drawEquity();
  drawDistribution();
  drawExcursions();
  drawLegs();
  drawReasons();
}

fillPage();
fillTable();
drawAll();
byId("overview").on("plotly_click", ({ points }) => points[0].customdata && select(points[0].customdata[0]));
byId("excursions").on("plotly_click", ({ points }) => points[0].customdata && select(points[0].customdata[0]));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
