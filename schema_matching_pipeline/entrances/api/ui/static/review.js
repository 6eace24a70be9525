// The review desk by keyboard. The server renders every part; here is only what a key, a choice or a lost line changes.
(() => {
  const find = (selector, inside = document) => inside.querySelector(selector);
  const item = () => find("#item");
  const rows = () => [...document.querySelectorAll("#entries .entry")];
  const typing = (node) => node?.matches?.("input:not([type=radio]):not([type=checkbox]), select, textarea, [contenteditable]");
  const offline = () => document.body.classList.contains("offline");
  const gone = new Map();  // items that were decided here, with their versions: an older list may not bring them back
  let deciding = false;

  const rowOf = (id) => rows().find((row) => row.dataset.item === id);
  const place = () => rows().findIndex((row) => row.dataset.item === item()?.dataset.item);

  // ---- which item is looked at
  const mark = () => {
    const now = item()?.dataset.item;
    for (const row of rows()) {
      const link = find("a", row);
      if (row.dataset.item === now) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
    rowOf(now)?.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = rows(), at = place();
    const wanted = all[at < 0 ? 0 : at + step];
    if (wanted) find("a", wanted).click();
    else find(step > 0 ? "#page-after" : "#page-before")?.click();
  };
  const next = () => {
    const all = rows(), at = place();
    return (all[at + 1] ?? all[at - 1])?.dataset.item ?? "";
  };

  // ---- the items beside the one that is looked at are fetched before anybody asks for them
  const STEPS = [1, 2, -1], SURE_MS = 3000;
  const ahead = new Map();  // by item: what was fetched, in which version, and when
  let round = 0;
  const forget = () => { ahead.clear(); round += 1; };
  const lookAhead = async () => {
    const begun = round, all = rows(), at = place();
    for (const row of at < 0 ? [] : STEPS.map((step) => all[at + step])) {
      if (!row || ahead.has(row.dataset.item)) continue;
      const answer = await fetch(find("a", row).getAttribute("hx-get"), { headers: { "HX-Request": "true" } }).catch(() => null);
      if (begun !== round || !answer?.ok || answer.redirected) return;
      ahead.set(row.dataset.item, { html: await answer.text(), at: Date.now() });
    }
  };
  const showFetched = (link) => {
    const row = link.closest(".entry"), found = ahead.get(row.dataset.item);
    if (!found?.html.includes(`data-item="${row.dataset.item}" data-version="${row.dataset.version}"`)) return false;
    htmx.swap("#item", found.html, { swapStyle: "outerHTML" }, { eventInfo: { target: item() } });
    history.pushState(null, "", link.href);
    if (Date.now() - found.at > SURE_MS) htmx.trigger("#news", "live");
    return true;
  };

  // ---- what is chosen
  const choose = (radio) => {
    if (!radio || radio.disabled) return;
    radio.checked = true;
    chosen(radio);
  };
  const chosen = (radio) => {
    const button = find("#approve"), meaning = find("#meaning");
    if (!button || !meaning) return;
    const other = radio && !radio.dataset.suggested, column = radio?.name === "column";
    if (column && find("#column")) find("#column").value = "";
    find("span", button).textContent = !other ? button.dataset.word : column ? `Take ${radio.dataset.name}` : `Map to ${radio.dataset.name}`;
    const said = column ? `This maps ${radio.dataset.name} to ${meaning.dataset.target}.` : `This maps ${meaning.dataset.column} to ${radio?.dataset.name}.`;
    meaning.textContent = other ? said : meaning.dataset.approval;
    find("#ask-critical-meaning").textContent = meaning.textContent;
    find("#ask-critical .against-short")?.toggleAttribute("hidden", Boolean(other));
    propose(other ? meaning.dataset.because.replace("{}", radio.dataset.name) : "");
  };
  // Another field than the suggested one takes a reason: one is proposed, in sight before it is kept, and never over what was typed.
  let proposed = "";
  const propose = (text) => {
    const reason = find("#reason");
    if (reason.value === proposed) reason.value = text;
    proposed = text;
    proposalShown();
  };
  const proposalShown = () => { const told = find("#reason-proposed"); if (told) told.hidden = !proposed || find("#reason").value !== proposed; };

  // A field that was found is chosen no more once other words are searched for: then the suggestion counts again, and it says so.
  const stillChosen = () => {
    if (!find("#decide") || find("#item [name=target]:checked")) return;
    const suggested = find("#decide [name=target][data-suggested]");
    if (suggested) choose(suggested); else if (!find("#decide [name=column]:checked")) chosen();
  };

  // ---- dialogs
  const open = (name) => {
    const dialog = find(`#${name}`);
    if (!dialog || dialog.open || offline()) return;
    dialog.showModal();
    (find("[data-number], button, input", dialog))?.focus();
  };
  const approve = () => {
    if (deciding || offline()) return;
    const button = find("#approve");
    if (!button) return;
    const other = find("#decide :is([name=target], [name=column]):checked:not([data-suggested])") || find("#column")?.value.trim();
    if (!other && find("#ask-waive") && !find("#reason").value.trim()) open("ask-waive");
    else button.click();
  };

  // ---- keys; one that finds nothing to do says so
  const UNSURE = "it is decided already, or not yours to decide";
  const NEEDS = {  // what must be in the page for a key, and what is said where it is not
    a: ["#approve", `There is nothing to approve here: ${UNSURE}.`],
    r: ["#ask-reject", `There is nothing to reject here: ${UNSURE}.`],
    0: ["#ask-unmap", `No field can be refused here: ${UNSURE}.`],
    e: ["#item [data-act=rule]", "This item has no rule that you may change."],
    "/": ["#search", `No field can be chosen here: ${UNSURE}.`],
    b: ["#bulk", "There is nothing to decide together here."],
    s: ['#item[data-item]:not([data-item=""])', "There is no item here to skip."],
    m: ["#marks [data-key=m]", "Nothing can be assigned here."],
    f: ["#marks [data-key=f]", "Nothing can be flagged here."],
    c: ["#marks [data-key=c]", "Nothing can be commented on here."],
    v: ["#marks [data-key=v]", "Values are not shown here: it is a right of its own, and of columns alone."],
    h: ["#history", "There is no history here."],
  };
  const say = (text) => {
    find("#said")?.replaceChildren(Object.assign(document.createElement("div"), { className: "warning mild idle", textContent: text }));
  };
  const lacks = (key) => {
    if (offline() || deciding) return "";
    if (/^[1-9]$/.test(key)) {
      const radio = find(`#decide [data-number="${key}"]`);
      return !radio || radio.disabled ? `There is no candidate ${key} to choose here.` : "";
    }
    if (key === "u" && !done.undo.length) return "Nothing was decided since this page was opened that could be taken back; the audit lists earlier decisions.";
    if (key === "U" && !done.redo.length) return "Nothing was taken back that could be decided again.";
    const [needed, said] = NEEDS[key] ?? [];
    return needed && !find(needed) ? said : "";
  };
  let first = "";
  const go = { q: () => { location.href = find("#filters") ? "/review" + location.search : "/review"; }, d: () => { location.href = "/"; } };
  const keys = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    a: approve,
    r: () => open("ask-reject"),
    e: () => rule(),
    0: () => open("ask-unmap"),
    "/": () => find("#search")?.focus(),
    u: () => takeBack("undo"), U: () => takeBack("redo"),
    b: () => together(),
    s: () => skip(),
    m: () => find("#marks [data-key=m]")?.click(),
    f: () => noted("f"), c: () => noted("c"), v: () => noted("v"),
    h: () => find("#history")?.scrollIntoView({ block: "start" }),
    x: () => select(false), X: () => select(true),
    "?": () => open("keys"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey && event.target.matches(".mark textarea")) { event.preventDefault(); event.target.form.requestSubmit(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const dialog = find("dialog[open]");
    const mark = event.key === "Escape" && !dialog && event.target.closest(".mark[open]");
    if (mark) { mark.open = false; find("summary", mark).focus(); return; }
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      if (event.key === "Escape" && event.target.id === "search") { event.target.value = ""; find("#fields").replaceChildren(); stillChosen(); }
      if (event.key === "Enter" && event.target.id === "search") { event.preventDefault(); choose(find("#fields input")); event.target.blur(); }
      if (event.key === "Enter" && event.target.id === "reason") { event.preventDefault(); approve(); }
      return;
    }
    if (dialog) {
      const numbered = find(`[data-number="${event.key}"]`, dialog);
      if (numbered && !deciding) { event.preventDefault(); numbered.click(); }
      return;
    }
    if (first === "g" && go[event.key]) { first = ""; event.preventDefault(); go[event.key](); return; }
    first = event.key === "g" ? "g" : "";
    if (deciding || event.repeat && !/^(j|k|Arrow)/.test(event.key)) return;
    find("#said .idle")?.remove();
    const why = lacks(event.key);
    if (why) { event.preventDefault(); say(why); return; }
    if (/^[1-9]$/.test(event.key)) { choose(find(`#decide [data-number="${event.key}"]`)); event.preventDefault(); return; }
    if (/^Arrow/.test(event.key) && event.target.matches("input[type=radio]")) return;
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // ---- back and forth: what was done here, the last first
  const done = { undo: [], redo: [] };
  let unanswered = () => {};  // what was asked to be taken back comes first again, where no answer came
  const takeBack = (way) => {
    if (deciding || offline() || !done[way].length) return;
    const place = done[way].pop();
    unanswered = () => done[way].push(place);
    htmx.ajax("POST", place + location.search, { source: "#last", target: "#item", swap: "outerHTML" })
      .catch(() => {});  // that no answer came is told below
  };

  const skip = () => {
    if (deciding || offline() || !item()?.dataset.item) return;
    htmx.ajax("POST", `/review/${item().dataset.item}/skip${location.search}`, { source: "#last", target: "#item", swap: "outerHTML" });
  };

  // ---- what is noted without deciding
  const noted = (key) => {
    const place = find(`#marks [data-key=${key}]`), form = place?.closest("details");
    if (!form) { place?.click(); return; }
    form.open = true;
    find("input, textarea", form).focus();
  };

  // What was typed and not sent yet is there again when the item is, in this window and for this person.
  const draftOf = (place) => `draft:${find(".me summary")?.textContent}:${place}`;
  const placeOf = (form) => new URL(form.getAttribute("hx-post"), location.href).pathname;
  const draftsShown = () => {
    for (const field of document.querySelectorAll(".mark :is(textarea, input)")) {
      const kept = sessionStorage.getItem(draftOf(placeOf(field.form)));
      if (kept && !field.value) field.value = kept;
      field.closest(".mark").classList.toggle("draft", Boolean(field.value));
    }
  };
  document.addEventListener("input", (event) => {
    if (!event.target.closest(".mark")) return;
    const draft = draftOf(placeOf(event.target.form));
    if (event.target.value.trim()) sessionStorage.setItem(draft, event.target.value); else sessionStorage.removeItem(draft);
    event.target.closest(".mark").classList.toggle("draft", Boolean(event.target.value.trim()));
  });

  // ---- the rule by which values become those of the field
  let grown = false;
  const rule = () => {
    if (deciding || offline() || !find("#item [data-act=rule]")) return;
    const query = new URLSearchParams(location.search);
    query.set("target", find("#decide [name=target]:checked")?.value ?? "");
    find("#rule-body").replaceChildren(find("#rule-waits").content.cloneNode(true));
    open("rule");
    htmx.ajax("GET", `/review/${item().dataset.item}/rule?${query}`, { target: "#rule-body", swap: "innerHTML" });
  };
  const ruleShown = () => {
    const steps = document.querySelectorAll(".rule-steps li:not(.add, .end)");
    const first = grown && steps.length ? find("input:not([type=hidden]), select, textarea", steps[steps.length - 1]) : null;
    if (first) first.focus(); else if (grown || !document.activeElement.closest("#rule-form")) find("#added")?.focus();
    grown = false;
  };

  // ---- many at once
  const together = () => {
    if (deciding || offline() || !find("#bulk")) return;
    find("#bulk-items").value = [...picked].join(",");
    find("#bulk-least").hidden = picked.size > 0;
    find("#bulk-step").replaceChildren();  // what each step takes in is counted anew
    find("#bulk-body").replaceChildren();
    find("#bulk-what").dataset.used = "";
    open("bulk");
    htmx.trigger("#bulk-what", "preview");
  };

  // ---- selection
  let from = null;
  const picked = new Set();
  const select = (range) => {
    const row = rowOf(item()?.dataset.item);
    if (row) pick(find("input", row), range, !find("input", row).checked || range);
  };
  const pick = (box, range, on) => {
    const all = rows().map((row) => find("input", row));
    const to = all.indexOf(box), begun = range ? all.findIndex((each) => each.value === from) : -1, start = begun < 0 ? to : begun;
    for (const each of all.slice(Math.min(start, to), Math.max(start, to) + 1)) {
      each.checked = on;
      if (on) picked.add(each.value); else picked.delete(each.value);
    }
    from = box.value;  // its row may be painted anew meanwhile
    pickedShown();
  };
  const pickedShown = () => {
    const line = find("#picked span");
    if (line) line.textContent = picked.size ? `${picked.size} selected` : "none selected";
  };

  // ---- clicks and choices
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-dialog]");
    if (opens) open(`ask-${opens.dataset.dialog}`);
    if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
    if (event.target.closest("[data-key='?']")) open("keys");
    const hides = event.target.closest("[data-hide]");
    if (hides) find(`#${hides.dataset.hide}`).replaceChildren();
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "bulk") together(); else if (act === "rule") rule(); else if (act === "skip") skip(); else if (act) takeBack(act);
    if (event.target.matches("#entries input")) pick(event.target, event.shiftKey, event.target.checked);
  });
  document.addEventListener("input", (event) => { if (event.target.id === "reason") proposalShown(); });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=radio]:is([name=target], [name=column])")) chosen(event.target);
    if (event.target.id === "added") grown = true;
    if (event.target.closest("#bulk-what")) find("#bulk-what").dataset.used = "yes";
    if (event.target.id === "column" && event.target.value.trim()) { const radio = find("#decide [name=column]:checked"); if (radio) radio.checked = false; propose(find("#meaning").dataset.because); }
    if (event.target.matches("#filters select, #filters input[type=checkbox]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "filters") for (const field of event.target.elements) if (!field.value) field.disabled = true;
  }, true);

  const isCritical = () => {
    const entity = find("#item input[name=target]:checked")?.value.split(".")[0];
    return item().dataset.asks === "yes" || item().dataset.critical.split(" ").includes(entity);
  };

  // ---- requests: one decision at a time, critical ones asked about, none without a line
  const decides = (detail) => /\/(decide|undo|redo|bulk|skip)(\?|$)/.test(detail.path ?? detail.pathInfo?.requestPath ?? "");
  document.addEventListener("htmx:confirm", (event) => {
    if (!decides(event.detail)) return;
    if (deciding || offline()) { event.preventDefault(); return; }
    if (!event.detail.elt.closest("#item") || !isCritical() || event.detail.triggeringEvent?.submitter?.value !== "approve") return;
    event.preventDefault();
    const dialog = find("#ask-critical");
    dialog.returnValue = "no";
    dialog.onclose = () => { if (dialog.returnValue === "yes") event.detail.issueRequest(true); };
    const objections = [...find("#item [name=target]:checked")?.closest("label").querySelectorAll("[data-objects]") ?? []];
    const listed = find("#ask-critical-objects");
    listed.replaceChildren(...objections.map((each) => Object.assign(document.createElement("li"), { textContent: each.textContent })));
    listed.hidden = !objections.length;
    const against = Boolean(find(".against-short:not([hidden])", dialog));
    find("#confirm kbd").hidden = against;  // where something speaks against it, the key that comes first saves nothing
    dialog.showModal();
    find(against ? "#refrain" : "#confirm").focus();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("#entries a") && showFetched(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("live", (event) => { if (event.target.id === "queue") forget(); });
  document.addEventListener("htmx:configRequest", (event) => {
    if (!decides(event.detail)) return;
    event.detail.parameters.next = next();
    deciding = true;
    forget();
    document.body.classList.add("deciding");
  });
  const answered = () => { deciding = false; unanswered = () => {}; document.body.classList.remove("deciding"); };
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!decides(event.detail)) return;
    if (!event.detail.xhr.status || event.detail.xhr.status >= 500) unanswered();
    answered();
  });
  document.addEventListener("htmx:sendError", () => {
    answered();
    find("#said")?.replaceChildren(Object.assign(document.createElement("div"), {
      className: "warning", textContent: "The server does not answer. Nothing was recorded; what you chose and typed is still here.",
    }));
  });

  // ---- what comes back: an error never takes the item away, an older state never replaces a newer one
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = event.detail;
    const sent = detail.xhr.status < 400 && detail.requestConfig?.elt.closest?.(".mark form");
    if (sent) { sessionStorage.removeItem(draftOf(placeOf(sent))); sent.reset(); }
    if (detail.xhr.status >= 400 && detail.xhr.status !== 409 && detail.target.id === "item" && find("#said")) {
      detail.target = find("#said");
      detail.swapOverride = "innerHTML";
    }
    const shown = detail.target.id === "item" && detail.serverResponse.match(/id="item"[^>]*data-item="(\w+)" data-version="(\d+)"/);
    if (shown && shown[1] === item()?.dataset.item && Number(shown[2]) < Number(item().dataset.version)) detail.shouldSwap = false;
    if (/id="last"/.test(detail.serverResponse) && detail.xhr.status < 400) for (const id of [...picked]) if (detail.serverResponse.includes(`data-gone="${id}"`)) picked.delete(id);
    for (const [, id, version] of detail.serverResponse.matchAll(/data-gone="(\w+)" data-version="(\d+)"/g)) gone.set(id, Number(version));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target) return;  // a page of the history, which is loaded anew
    if (event.detail.target.id === "rule-body") ruleShown();
    if (event.detail.target.id === "fields") stillChosen();
    if (event.detail.target.id === "bulk-body" && event.detail.requestConfig?.elt.id === "bulk-what" && !find("#bulk-what").dataset.used) find("#bulk-go")?.focus();
    if (event.detail.target.id === "revealed") find("#revealed-head")?.focus();
    if (event.detail.target.id === "item" || event.detail.elt.id === "item") {
      for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
      proposed = "";
      find("#asked")?.focus({ preventScroll: true });
      find(".desk-evidence")?.scrollTo(0, 0);
      find(".desk-decision")?.scrollTo(0, 0);
      const last = find("#last");
      if (last?.dataset.undo) { done.undo.push(last.dataset.undo); done.redo.length = 0; }
      if (last?.dataset.redo) done.redo.push(last.dataset.redo);
      if (last) last.dataset.undo = last.dataset.redo = "";
      document.title = (find("#asked")?.textContent.trim().replace(/\s+/g, " ") ?? "Nothing waits") + " · Review";
    }
    if (find("#item")?.dataset.item) setTimeout(lookAhead);
    for (const row of rows()) if (Number(row.dataset.version) <= (gone.get(row.dataset.item) ?? -1)) row.remove();
    for (const row of rows()) find("input", row).checked = picked.has(row.dataset.item);
    pickedShown();
    lineShown();
    draftsShown();
    mark();
  });

  // ---- the line
  const lineShown = () => {
    find("#offline").hidden = !offline();
    for (const button of document.querySelectorAll(".desk-decision button")) button.disabled = offline();
  };
  document.addEventListener("smp:line", lineShown);
  addEventListener("popstate", () => location.reload());
  draftsShown();
  mark();
  lookAhead();
})();
