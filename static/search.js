// What a search field offers while one types: the threads that are most likely meant, under the field. Arrow keys move,
// Enter opens, Escape closes. Without this file the field is a form.

const pause = 120;

for (const form of document.querySelectorAll("form[role=search]")) offer(form);

function offer(form) {
  const field = form.elements.q;
  if (!field) return;
  const list = document.createElement("ul");
  list.className = "suggested";
  list.id = `${field.id}-suggested`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
  list.hidden = true;
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    field.setAttribute(name, value);
  }
  let timer;
  let asking;
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    list.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const look = async () => {
    asking?.abort();
    asking = new AbortController();
    const typed = field.value;
    if (!typed.trim()) return close();
    try {
      const answer = await fetch(`/search/suggest?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      if (!answer.ok || field.value !== typed) return;
      list.innerHTML = await answer.text();
      // Two fields on one page offer lists of their own.
      for (const option of list.children) option.id = `${list.id}-${option.id}`;
      if (!list.children.length || document.activeElement !== field) return close();
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
    } catch {
      // No network, or a newer question is under way: what stands there stays.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, pause);
  });
  field.addEventListener("keydown", (event) => {
    // Whoever composes a word by an input method uses the same keys for it.
    if (event.isComposing) return;
    if (list.hidden && event.key === "ArrowDown" && list.children.length && field.value.trim()) {
      list.hidden = false;
      field.setAttribute("aria-expanded", "true");
    }
    if (list.hidden) return;
    if (event.key === "Tab") return close();
    const options = [...list.children];
    const at = options.findIndex((option) => option.getAttribute("aria-selected"));
    if (event.key === "ArrowDown") choose(options[at + 1] ?? options[0]);
    else if (event.key === "ArrowUp") choose(at < 0 ? options.at(-1) : options[at - 1]);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) options[at].querySelector("a").click();
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asking?.abort();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  // A link takes the focus before it is clicked: the list must still be there.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
}
