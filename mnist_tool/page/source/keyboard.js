"use strict";
// Draws with the keyboard: arrows move a pen, the space bar puts it down and lifts it.

const Keyboard = (() => {
  const { on } = View;
  const STEP = 12; // units of the drawing; a third with Shift
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const pen = { x: Drawing.COLUMNS / 2, y: Drawing.ROWS / 4, down: false };
  let shown = false;

  const point = () => ({ x: pen.x, y: pen.y, pressure: 1 });
  const within = (value, most) => Math.min(Math.max(value, 0), most);

  function move([across, down], step, drawing) {
    pen.x = within(pen.x + across * step, Drawing.COLUMNS);
    pen.y = within(pen.y + down * step, Drawing.ROWS);
    if (pen.down) drawing.extend(point());
  }

  /** Lifts the pen, as whatever ends a stroke has to. */
  function lift() {
    pen.down = false;
  }

  /** Does what a key says; returns whether it said anything. */
  function press(event, drawing) {
    if (event.key in ARROWS) {
      move(ARROWS[event.key], event.shiftKey ? STEP / 3 : STEP, drawing);
    } else if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) drawing.begin(point());
    } else if (event.key === "Backspace" || (event.key === "z" && event.ctrlKey)) {
      lift();
      drawing.undo();
    } else if (event.key === "Escape" || event.key === "Delete") {
      lift();
      drawing.clear();
    } else return false;
    return true;
  }

  function listen(canvas, drawing, changed, drawn) {
    on(canvas, "keydown", (event) => {
      if (event.altKey || !press(event, drawing)) return;
      event.preventDefault();
      shown = true;
      drawn();
    });
    on(canvas, "focus", () => {
      shown = canvas.matches(":focus-visible");
      changed();
    });
    for (const end of ["blur", "pointerdown"]) {
      on(canvas, end, () => { shown = false; lift(); changed(); });
    }
  }

  /** Shows where the pen is, while keys move it: a ring, filled where it is down. */
  function paint(context, colour) {
    if (!shown) return;
    context.beginPath();
    context.arc(pen.x, pen.y, Drawing.PEN / 2 + 3, 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = context.fillStyle = colour;
    context.stroke();
    if (pen.down) context.fill();
  }

  return { listen, paint, lift };
})();
