"use strict";
// Joins the parts: what people do with the page, and what it answers.

const App = (() => {
  const { byId, on } = View;
  const canvas = byId("canvas");
  const drawing = new Drawing();
  let readings = [];
  let waiting = false;
  let pointer = null; // that draws

  /** Paints the drawing as sharply as the screen is. */
  function paint() {
    const scale = Math.min(4, window.devicePixelRatio || 1);
    const { width } = canvas.getBoundingClientRect();
    const columns = Math.max(1, Math.round(width * scale));
    const rows = Math.round((columns * Drawing.ROWS) / Drawing.COLUMNS);
    if (canvas.width !== columns) [canvas.width, canvas.height] = [columns, rows];
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, columns, rows);
    context.setTransform(columns / Drawing.COLUMNS, 0, 0, rows / Drawing.ROWS, 0, 0);
    drawing.paint(context);
    context.globalCompositeOperation = "source-in";
    const { color, outlineColor } = getComputedStyle(canvas);
    context.fillStyle = color;
    context.fillRect(0, 0, Drawing.COLUMNS, Drawing.ROWS);
    context.globalCompositeOperation = "source-over";
    Keyboard.paint(context, outlineColor);
  }

  function update() {
    waiting = false;
    paint();
    Beside.read(drawing.given(), show);
    for (const id of ["undo", "clear", "save"]) byId(id).disabled = drawing.empty;
    canvas.setAttribute("aria-label", Texts.text("canvas", { count: drawing.items.length }));
  }

  function show(found) {
    readings = found;
    View.show(readings);
    Game.show(readings);
  }

  /** Returns a promise that is kept once everything that was drawn has been read. */
  function settled() {
    return new Promise((done) => {
      const look = () => {
        if (waiting || Beside.busy || Beside.looks) requestAnimationFrame(look);
        else done();
      };
      look();
    });
  }

  /** Updates the page once before the screen is drawn again, however much has happened. */
  function changed() {
    if (!waiting) requestAnimationFrame(update);
    waiting = true;
  }

  /** Updates it for what people do: whoever goes on drawing wants no picture that is being read. */
  function drawn() {
    Beside.stop();
    tell(null);
    changed();
  }

  /** Returns where on the drawing something happened; only pens tell how hard they press. */
  function point(event) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - left) / width) * Drawing.COLUMNS,
      y: ((event.clientY - top) / height) * Drawing.ROWS,
      pressure: event.pointerType === "pen" ? 0.6 + 0.8 * event.pressure : 1,
    };
  }

  function clear() {
    drawing.clear();
    drawn();
  }

  /** Puts a picture in the place of the drawing, as large as there is room. */
  function lay(ink, images) {
    const scale = Math.min(Drawing.COLUMNS / ink.columns, Drawing.ROWS / ink.rows);
    const [columns, rows] = [ink.columns * scale, ink.rows * scale];
    const [left, top] = [(Drawing.COLUMNS - columns) / 2, (Drawing.ROWS - rows) / 2];
    drawing.replace(ink, [left, top, columns, rows], images);
    Keyboard.lift();
    changed();
  }

  /** Tells what went wrong, by its key; null takes it away. */
  function tell(key) {
    byId("told").textContent = key ? Texts.text(key) : "";
  }

  function listen() {
    on(canvas, "pointerdown", (event) => {
      if (pointer !== null || event.button !== 0) return;
      pointer = event.pointerId;
      canvas.setPointerCapture(pointer);
      drawing.begin(point(event));
      drawn();
    });
    on(canvas, "pointermove", (event) => {
      if (event.pointerId !== pointer) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length ? all : [event]) drawing.extend(point(each));
      changed();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      on(canvas, end, (event) => {
        if (event.pointerId === pointer) pointer = null;
      });
    }
    on(byId("undo"), "click", () => { drawing.undo(); drawn(); });
    on(byId("clear"), "click", clear);
    on(byId("save"), "click", () => Pictures.save(drawing));
    on(byId("inside"), "toggle", () => View.show(readings));
    Keyboard.listen(canvas, drawing, changed, drawn);
    Pictures.listen(canvas, byId("file"), lay, tell);
    Game.listen(clear);
    on(byId("language"), "click", () => speak(Texts.other));
    new ResizeObserver(paint).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  }

  function speak(language) {
    Texts.choose(language);
    byId("language").textContent = Texts.nameOf(Texts.other);
    byId("language").lang = Texts.other;
    View.showModel();
    Examples.label();
    tell(null);
    update();
  }

  View.makeBars();
  Examples.make((image) => { Examples.lay(drawing, image); drawn(); });
  listen();
  speak(Texts.language);

  return {
    drawing,
    changed,
    settled,
    opened: performance.now(),
    get readings() { return readings; },
  };
})();
