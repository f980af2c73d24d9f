// What the pages can do beyond links and forms. Each part looks for its own marks in the page and leaves it alone when
// there are none; without this file everything still works. The words that people read stand in the templates, for this and
// the other scripts: as data attributes beside what they are about, with {} where a figure or a name belongs.

const root = document.documentElement;

/* Relative times: <time datetime="…" data-ago>. The exact moment moves to the title. */
const steps = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [86400 * 14, 86400, "day"]];
const relative = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto" });

function tellAges() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (now - Date.parse(time.dateTime)) / 1000;
    const step = steps.find(([below]) => Math.abs(seconds) < below);
    if (!step) continue;
    time.title ||= time.textContent;
    // Within a minute of now: "now", in the language of the page.
    time.textContent = seconds < 60 && seconds > -60 ? relative.format(0, "second") : relative.format(-Math.trunc(seconds / step[1]), step[2]);
  }
}
tellAges();
setInterval(tellAges, 30_000);
document.addEventListener("answerwell:ages", tellAges);

/* On a phone a list of places is one line, pushed aside with a finger: where one is comes into sight. */
for (const here of document.querySelectorAll("nav > ul > li > [aria-current]")) {
  const list = here.closest("ul");
  if (list.scrollWidth > list.clientWidth) list.scrollLeft += here.getBoundingClientRect().left - list.getBoundingClientRect().left - 16;
}

/* A form that came back with problems: say so first. */
document.querySelector(".problems")?.focus();

/* One submit is enough. Back in the page (also from the browser's memory of it), the buttons work again. */
document.addEventListener("submit", (event) => {
  // What opens elsewhere leaves this page with its buttons.
  if (event.defaultPrevented || event.target.method === "get" || event.target.target) return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
  // Later, so that the pressed button's own value is still sent.
  setTimeout(() => event.target.querySelectorAll("button").forEach((button) => (button.disabled = true)));
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => (button.disabled = false));
  }
});

/* Drafts: data-draft="key" on inputs, lists, boxes to tick and textareas; where fields come and go with a choice,
   data-drafts="begin" around them names them all. A draft goes once its form was sent and a page came back that does not say
   that it failed, or that a step is left. */
const draftKey = (field) => `draft:${field.dataset.draft}`;
const entered = (field) => (field.type === "checkbox" && !field.checked ? "" : field.value);
const enter = (field, value) => {
  if (field.type === "checkbox") field.checked = value === field.value;
  else field.value = value;
  // A choice may have another name by now.
  const renamed = field.options && field.value !== value && [...field.options].find(({ dataset }) => dataset.was?.split("\n").includes(value));
  if (renamed) field.value = renamed.value;
};
const sentKey = "answerwell-sent-drafts"; // in sessionStorage: which drafts this tab has just sent

function stored(act) {
  try {
    return act();
  } catch {
    return null; // Private windows and full disks: then without drafts.
  }
}

const noteSent = (keys) => stored(() => sessionStorage.setItem(sentKey, JSON.stringify(keys)));
const sent = stored(() => JSON.parse(sessionStorage.getItem(sentKey))) ?? [];
stored(() => sessionStorage.removeItem(sentKey));
// Coming back by the Back button is no sign that it arrived.
const arrived = performance.getEntriesByType("navigation")[0]?.type === "navigate";
if (document.querySelector(".problems, [data-failed]")) {
  // The page of an error holds the form again (or a step before it, as the sign-in): then it is that form that sends the draft.
  document.querySelectorAll("main form[method=post]").forEach((form) => form.addEventListener("submit", () => noteSent(sent)));
} else if (arrived) {
  sent.forEach((key) => stored(() => localStorage.removeItem(key)));
}
// All that a form keeps, also of fields that another choice took away.
const draftsOf = (form) => {
  const begins = [...form.querySelectorAll("[data-drafts]")].map((room) => `draft:${room.dataset.drafts}`);
  const known = (begins.length && stored(() => Object.keys(localStorage))) || [];
  const gone = known.filter((key) => begins.some((begin) => key.startsWith(begin)));
  return [...new Set([...[...form.querySelectorAll("[data-draft]")].map(draftKey), ...gone])];
};

const broughtBack = new Set(); // fields that hold a draft again

function bringBack(room) {
  for (const field of room.querySelectorAll("[data-draft]")) {
    const draft = stored(() => localStorage.getItem(draftKey(field)));
    if (!draft || entered(field)) continue;
    enter(field, draft);
    field.closest("details")?.setAttribute("open", "");
    // A choice may not be there any more.
    const gone = entered(field) ? null : field.closest(".field")?.querySelector("[data-ended-choice]");
    if (!field.form || (!entered(field) && !gone)) continue;
    if (gone) sayGone(gone, draft);
    broughtBack.add(field);
    sayBack(field.form);
  }
  // A whole field may be gone.
  for (const gone of room.querySelectorAll("[data-unasked]")) {
    const draft = stored(() => localStorage.getItem(unaskedKey(gone)));
    const form = gone.closest("form");
    if (!draft || !form) continue;
    sayGone(gone, draft);
    sayBack(form);
  }
}

const unaskedKey = (gone) => `draft:${gone.closest("[data-drafts]")?.dataset.drafts}${gone.dataset.unasked}`;

function sayGone(said, draft) {
  said.querySelector("[data-answer]").textContent = draft;
  said.hidden = false;
}

function sayBack(form) {
  if (form.querySelector(".draft-back")) return;
  const said = document.getElementById("draft-back").content.firstElementChild.cloneNode(true);
  said.querySelector("button").addEventListener("click", () => {
    const fields = [...broughtBack].filter((field) => field.form === form);
    for (const field of fields) {
      broughtBack.delete(field);
      enter(field, "");
      stored(() => localStorage.removeItem(draftKey(field)));
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
    for (const gone of form.querySelectorAll("[data-ended-choice], [data-unasked]")) {
      gone.hidden = true;
      if (gone.dataset.unasked) stored(() => localStorage.removeItem(unaskedKey(gone)));
    }
    said.remove();
    (fields[0] || form.querySelector("input:not([type=hidden]), textarea")).focus();
  });
  form.prepend(said);
}

bringBack(document);
document.addEventListener("answerwell:fields", (event) => bringBack(event.target));
// Not every way of choosing from a list says both.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target: field }) => {
    if (!field.dataset?.draft) return;
    stored(() => (entered(field) ? localStorage.setItem(draftKey(field), entered(field)) : localStorage.removeItem(draftKey(field))));
  });
}
document.addEventListener("submit", ({ target: form }) => {
  if (form.querySelector("[data-draft]")) noteSent(draftsOf(form));
});

/* Counting and preview: the server counts, so that there is one rule. The newest answer wins. */
for (const field of document.querySelectorAll("[data-count-url]")) {
  const counter = document.getElementById(field.dataset.countFor);
  const preview = document.getElementById(field.dataset.previewFor);
  let timer;
  let asked;
  const count = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const body = new URLSearchParams({ text: field.value });
      const headers = { accept: "application/json" };
      const answer = await fetch(field.dataset.countUrl, { method: "POST", body, headers, signal: asked.signal });
      if (!answer.ok) return;
      const { used, limit, over, preview_html: html } = await answer.json();
      if (counter) {
        counter.querySelector("[data-used]").textContent = used;
        counter.querySelector("[data-limit]").textContent = limit;
        counter.classList.toggle("over", over);
      }
      if (preview && html !== undefined) preview.innerHTML = html;
    } catch {
      // No network, or a newer question is under way: what stands there stays until the next key.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(count, 200);
  });
  if (field.value) count();
}

/* Lists by keyboard: j and k move, Enter opens (the focused link does that by itself). / goes to the search field. */
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const search = document.querySelector("main input[type=search], input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (event.key !== "j" && event.key !== "k") return;
  const rows = [...document.querySelectorAll("[data-list] .row-title")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  const next = event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
  rows[next].focus();
  rows[next].closest("li").scrollIntoView({ block: "nearest" });
});

/* Menus close when one looks elsewhere; the theme menu shows what is chosen. */
const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu.contains(except) || menu.removeAttribute("open"));
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details.menu[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});
const scheme = getComputedStyle(root).colorScheme;
const chosen = scheme === "light" || scheme === "dark" ? scheme : "auto";
document.querySelectorAll("button[name=theme]").forEach((button) => button.setAttribute("aria-pressed", button.value === chosen));
