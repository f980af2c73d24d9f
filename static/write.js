// Writing at the desk: a countdown beside what may still be taken back, drafts that save themselves, and macros that land
// where the cursor is. Without this file each of them is a button.

/* How long until it leaves. The page says how long that is by the server's clock; this one only counts on from there. */
for (const form of document.querySelectorAll("[data-leaves]")) {
  const left = form.querySelector("[data-left]");
  const end = performance.now() + (Number(form.dataset.leaves) - Number(form.dataset.now));
  const tell = () => {
    const seconds = Math.ceil((end - performance.now()) / 1000);
    left.textContent = seconds > 0 ? left.dataset.in.replace("{}", seconds) : left.dataset.gone;
    if (seconds > 0) return;
    clearInterval(timer);
    form.querySelector("button").hidden = true;
  };
  const timer = setInterval(tell, 1000);
  tell();
}

/* The button says how many people receive it: whom it answers, and whoever is ticked. */
for (const button of document.querySelectorAll("button[data-many]")) {
  const form = button.form;
  const tell = () => {
    const people = 1 + form.querySelectorAll("input[name=also]:checked").length;
    button.lastElementChild.textContent = people === 1 ? button.dataset.one : button.dataset.many.replace("{}", people);
  };
  form.addEventListener("change", tell);
  tell();
}

/* Drafts: a pause in the typing saves them. Nothing is saved that is being sent. */
for (const button of document.querySelectorAll("button[data-save]")) {
  const form = button.form;
  const said = form.querySelector("[data-saved]");
  let timer;
  let saving;
  const save = async () => {
    saving?.abort();
    saving = new AbortController();
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    try {
      const headers = { accept: "application/json" };
      const answer = await fetch(button.formAction, { method: "POST", body, headers, signal: saving.signal });
      const { saved } = answer.ok ? await answer.json() : { saved: false };
      said.textContent = saved ? said.dataset.done : said.dataset.refused;
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = said.dataset.unreachable;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 1000);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    saving?.abort();
  });
}

/* Macros: a choice is inserted at once, at the cursor. */
for (const choice of document.querySelectorAll("select[data-macros]")) {
  const form = choice.form;
  const field = form.querySelector("textarea[name=text], textarea[name=short_form]");
  if (!field) continue;
  form.querySelector("button[name=insert]").hidden = true;
  choice.addEventListener("change", async () => {
    if (!choice.value) return;
    const answer = await fetch(`/desk/macros/${choice.value}/text?question=${choice.dataset.macros}`);
    choice.value = "";
    if (!answer.ok) return;
    const { text } = await answer.json();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
