// The desk: keyboard, clocks and live arrival. Each key presses a button or follows a link that is on the page as well;
// without this file everything still works, by links, buttons and full pages.

const typing = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-list] > .desk-row")];
const rowOf = (element) => element?.closest?.("[data-list] > .desk-row");

/* Keys: data-key="c" on a button, a link or a field. Within a row of the list that row's own, else the page's. */
function marked(key) {
  const name = `[data-key="${CSS.escape(key)}"]`;
  const row = rowOf(document.activeElement);
  const inRow = row?.querySelector(name);
  if (inRow) return inRow;
  return [...document.querySelectorAll(name)].find((one) => !rowOf(one));
}

function press(element) {
  element.closest("details:not([open])")?.setAttribute("open", "");
  if (element.matches("input, textarea, select, summary")) {
    element.scrollIntoView({ block: "nearest" });
    element.focus();
  } else {
    element.click();
  }
}

const tickOf = (row) => row?.querySelector(".tick input");

const acts = {
  x: () => tickOf(rowOf(document.activeElement))?.click(),
  // What stands in the bar above the list acts on the row that one stands on.
  a: () => withRow("a"),
  s: () => withRow("s"),
  e: () => withRow("e"),
  r: () => {
    const field = document.querySelector(".pane-reply textarea[name=text]");
    if (field) press(field);
  },
  u: () => undoNewest(),
  q: () => document.querySelector(".pane-head a, .crumbs a")?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
};

/* Of what has not left yet, the newest: the one that one has just noticed. */
function undoNewest() {
  const leaving = [...document.querySelectorAll("[data-leaves]")].sort((one, other) => other.dataset.leaves - one.dataset.leaves);
  leaving.map((form) => form.querySelector("button:not([hidden])")).find((button) => button)?.click();
}

function withRow(key) {
  const field = marked(key);
  if (!field) return;
  const row = rowOf(document.activeElement);
  const tick = tickOf(row);
  if (tick && field.form?.id === "bulk") {
    tick.checked = true;
    // This row may be gone then: one goes on from the next.
    const [back, next] = [field.form.elements.back, row.nextElementSibling ?? row.previousElementSibling];
    if (next) back.value = `${back.value.split("#")[0]}#${next.id}`;
  }
  press(field);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  // A key that is held claims once: the page that comes after it must not take it for the next act.
  if (event.repeat) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form");
    const send = form?.querySelector("[data-send]") ?? (form && !form.matches("[role=search]") ? form.querySelector("button.primary") : null);
    if (send) {
      event.preventDefault();
      form.requestSubmit(send);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const act = acts[event.key];
  if (act) {
    event.preventDefault();
    return act();
  }
  if (event.key.length !== 1) return;
  const element = marked(event.key);
  if (element) {
    event.preventDefault();
    press(element);
  }
});
/* The bar of acts on many comes with the first tick: by then one knows what it is for. */
document.querySelector(".bulk")?.setAttribute("data-with-ticks", "");
document.querySelectorAll("[data-keys]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", acts["?"]);
});

/* Where there is room for all panes, one begins with what has to be written. */
const evidence = document.querySelector(".verify-form [name=evidence]");
if (evidence && !evidence.value && !document.querySelector(".problems") && matchMedia("(min-width: 75rem)").matches) evidence.focus({ preventScroll: true });

/* After a button of a row the page comes back with that row in its address: one stands on it again, at once, so that the
   next key is for it. The browser goes to the place itself when the page is loaded, and takes the focus away: then ours comes
   once more, unless one has gone on meanwhile. */
const back = location.hash.startsWith("#work-") && document.getElementById(location.hash.slice(1))?.querySelector(".row-title");
if (back) {
  const isNowhere = () => document.activeElement === document.body;
  back.focus();
  if (document.readyState !== "complete") addEventListener("load", () => setTimeout(() => isNowhere() && back.focus()));
}
document.querySelector(".pane-list [aria-current]")?.scrollIntoView({ block: "nearest" });

/* Clocks: how long somebody waits against the target, told anew each half minute. */
function inWords(ms, words) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const said = (unit, many) => words[unit].replace("{}", many);
  if (minutes === 0) return words.under;
  if (minutes < 60) return said("minutes", minutes);
  if (minutes >= 2_880) return said("days", Math.floor(minutes / 1_440));
  const hours = said("hours", Math.floor(minutes / 60));
  return minutes % 60 ? `${hours} ${said("minutes", minutes % 60)}` : hours;
}

function tellClocks() {
  const now = Date.now();
  for (const row of document.querySelectorAll(".desk-row[data-due]")) {
    const [since, soon, due] = ["since", "soon", "due"].map((name) => Number(row.dataset[name]));
    const kind = now > due ? "late" : now >= soon ? "soon" : "waiting";
    const words = row.closest("[data-list]").dataset;
    const told = now > due ? words.over.replace("{}", inWords(now - due, words)) : `${inWords(now - since, words)}, ${words.dueIn.replace("{}", inWords(due - now, words))}`;
    row.classList.remove("late", "soon", "waiting");
    row.classList.add(kind);
    const chip = row.querySelector(".clock, .chip:is(.waiting, .soon, .late)");
    if (!chip) continue;
    if (chip.classList.contains("chip")) {
      chip.classList.remove("late", "soon", "waiting");
      chip.classList.add(kind);
      const use = chip.querySelector("use");
      use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#state-${kind}`));
    }
    chip.lastChild.textContent = told;
  }
}
setInterval(tellClocks, 30_000);

/* Live. The stream says that something changed; the page asks for what its reader may see. Nothing moves under one's eyes:
   rows that are new wait behind a button, rows that are gone are dimmed, the others are told anew where they stand. */
const list = document.querySelector("[data-rows]");
const handling = document.querySelector("[data-on]");
const fresh = list?.querySelector(".fresh");
let arrived;

const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

async function look() {
  if (!list) return;
  const answer = await fetch(list.dataset.rows, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = parsed(await answer.text());
  const known = new Map(rows().map((row) => [row.id, row]));
  const now = new Map([...page.querySelectorAll(".desk-row")].map((row) => [row.id, row]));
  // A later page of the list shows its own rows, which the first page does not have.
  const isFirst = !new URLSearchParams(location.search).has("after");
  for (const [id, row] of known) {
    const anew = now.get(id);
    if (!anew) {
      if (isFirst) row.classList.add("gone");
    } else if (!row.contains(document.activeElement) || document.activeElement.matches(".row-title")) {
      row.classList.remove("gone");
      row.querySelector(".desk-state").replaceWith(anew.querySelector(".desk-state"));
      const tick = tickOf(row);
      if (tick) tick.value = tickOf(anew).value;
      const item = row.querySelector(".row-form [name=item]");
      if (item) item.value = anew.querySelector(".row-form [name=item]").value;
    }
  }
  const news = [...now.keys()].filter((id) => !known.has(id)).length;
  if (!isFirst || !fresh) return;
  arrived = page;
  fresh.hidden = news === 0;
  fresh.querySelector("button").textContent = fresh.dataset.many.replace("{}", news);
  document.title = news ? `(${news}) ${title}` : title;
}
const title = document.title;

fresh?.querySelector("button").addEventListener("click", () => {
  const at = rowOf(document.activeElement)?.id;
  const ticked = new Set([...list.querySelectorAll(".tick input:checked")].map((tick) => rowOf(tick)?.id));
  list.querySelectorAll(":scope > .desk-list, :scope > .empty, :scope > .pager").forEach((old) => old.remove());
  list.append(...arrived.body.childNodes);
  for (const id of ticked) {
    const tick = tickOf(document.getElementById(id));
    if (tick) tick.checked = true;
  }
  fresh.hidden = true;
  document.title = title;
  (document.getElementById(at) ?? rows()[0])?.querySelector(".row-title")?.focus();
});

/* Many pages must not ask in the same moment. */
let timer;
const lookSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), 500 + Math.random() * 1_000);
};

if (list || handling) {
  const on = handling ? `?on=${encodeURIComponent(handling.dataset.on)}` : "";
  const stream = new EventSource(`/desk/live${on}`);
  stream.addEventListener("work", lookSoon);
  stream.addEventListener("thread", () => {
    const note = document.querySelector("[data-news]");
    if (note) note.hidden = false;
  });
  stream.addEventListener("looking", (event) => {
    const names = JSON.parse(event.data);
    const line = handling?.querySelector(".looking");
    if (!line) return;
    line.hidden = names.length === 0;
    const words = names.length === 1 ? line.dataset.one : line.dataset.many;
    line.lastElementChild.textContent = words.replace("{}", names.join(", "));
  });
  stream.addEventListener("end", () => stream.close());
  addEventListener("pagehide", () => stream.close());
}
