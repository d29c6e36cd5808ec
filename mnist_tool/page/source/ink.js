"use strict";
// Tells ink from paper in a grey picture: mnist_tool/reading/ink.py and sheet.py, step by step; the
// canvas of a window (surface.py) is not looked for.

const Ink = (() => {
  const { like, percentile } = Pixels;
  const { abs, ceil, floor, max, min } = Math;
  const LEAST_SIDE = 112; // pixels of the longer side, to which a smaller picture is enlarged
  const PHOTO = 64; // up to this side the light is first taken to be even
  const RARE = 0.02; // percent of a picture may be darker than its ink, or lighter
  const MOSTLY = 0.7; // of a picture that is light is paper
  const UNEVEN = 0.15; // spread of the paper along the border, in contrasts
  const [SKEW_SIDE, AROUND] = [128, 31]; // side on which the ink's is told; what is around a pixel
  const TELLING = 0.25; // of -1 dark to 1 light, that tells it where the light is uneven
  const LIGHT_SIDE = 256;
  const PEN = 61; // wider than any pen, where the longer side has 256 pixels
  const FINE_PEN = 19;
  const FAINT = 5; // levels between ink and paper, below which there is only paper
  const SPREADS = 5; // so many of the paper's own spreads ink differs from it
  const [WEAK, WEAK_SMALL] = [0.6, 0.25]; // of the threshold, for what hangs together with ink
  const SHEET = { side: 128, least: 0.12, most: 0.97, straight: 0.9, solid: 0.95, blank: 0.8,
    dot: 0.003, dark: 0.9, seen: 0.35, margin: 3, drop: 0.4 };
  const CARD = { least: 0.06, upright: 0.96, slim: 0.7, low: 0.4, fullest: 0.4, even: 0.6,
    shade: 12 };

  const count = (values, is) => values.reduce((sum, value, i) => sum + (is(value, i) ? 1 : 0), 0);
  const float = Math.fround; // to 32 bits, as numpy calculates
  const clipped = (value) => min(255, max(0, value));

  function scaled({ rows, columns }, side) {
    const shrink = min(1, side / max(rows, columns));
    return [rows, columns].map((length) => max(1, Preprocess.round(length * shrink)));
  }

  /** Returns where the paper is, or null if the picture shows no sheet with a dark surround. */
  function sheet(grey, small, light) {
    const whole = largest(light);
    const is = whole && isSheet(whole, light.values) && drops(whole, small.values);
    return is ? inside(whole, SHEET.margin, grey) : null;
  }

  /** Returns where a dark card with light ink lies on an even light page, or null. */
  function card(grey, small, light) {
    const dark = like(light, light.values.map((is) => 1 - is));
    const found = largest(dark);
    const whole = found && Pixels.open(found, 3, 3); // without the ticks of its axes
    return whole && isCard(whole, dark.values, small.values) ? inside(whole, 1, grey) : null;
  }

  /** Returns what is largest, and all that is within it. */
  function largest(mask) {
    const [labels, parts] = Pixels.components(mask);
    const wholes = parts.sort((a, b) => b.area - a.area).slice(0, 3).map(({ label }) =>
      filled(like(mask, Pixels.bytes(labels, (own) => (own === label ? 1 : 0)))));
    const size = ({ values }) => count(values, Boolean);
    return wholes.reduce((a, b) => (a && size(a) >= size(b) ? a : b), null);
  }

  /** Narrows what was found by so many small pixels, and enlarges it. */
  function inside(whole, margin, grey) {
    const { rows, columns } = whole;
    const window = 2 * margin + 1;
    const room = Preprocess.cut(whole, -1, -1, rows + 2, columns + 2);
    const inner = Preprocess.cut(Pixels.erode(room, window, window), 1, 1, rows, columns);
    return grey.values.map((_, i) => {
      const row = floor((floor(i / grey.columns) * rows) / grey.rows);
      const column = floor(((i % grey.columns) * columns) / grey.columns);
      return inner.values[row * columns + column];
    });
  }

  function isCard(whole, dark, small) {
    const area = count(whole.values, Boolean);
    if (area <= CARD.least * dark.length || area >= SHEET.most * dark.length) return false;
    const [, , high, wide] = Preprocess.box(whole, 0);
    const ink = count(whole.values, (own, i) => own && !dark[i]);
    const near = Pixels.dilate(whole, 3, 3).values;
    const around = small.filter((_, i) => !near[i]);
    if (!around.length) return false;
    const page = Parts.median(around);
    const even = count(around, (level) => abs(level - floor(page)) <= CARD.shade);
    return area >= CARD.upright * wide * high &&
      wide >= CARD.slim * high && high >= CARD.low * wide &&
      ink > SHEET.dot * area && ink < CARD.fullest * area && even >= CARD.even * around.length;
  }

  /** Fills what lies within: all but what is reached from around the mask. */
  function filled(mask) {
    const room = Preprocess.cut(mask, -1, -1, mask.rows + 2, mask.columns + 2);
    const within = room.values.map(() => 1);
    const stack = [0];
    while (stack.length) {
      const i = stack.pop();
      if (room.values[i] || !within[i]) continue;
      within[i] = 0;
      stack.push(i - 1, i + 1, i - room.columns, i + room.columns);
    }
    return Preprocess.cut(like(room, within), 1, 1, mask.rows, mask.columns);
  }

  function isSheet({ rows, columns, values }, light) {
    const [size, area] = [values.length, count(values, Boolean)];
    if (area <= SHEET.least * size || area >= SHEET.most * size) return false;
    const dark = count(values, (own, i) => own && !light[i]);
    const around = count(values, (own, i) => !own && light[i]) < (1 - SHEET.dark) * (size - area);
    const border = [...values.subarray(0, columns), ...values.subarray(size - columns)];
    for (let row = 0; row < rows; row++) {
      border.push(values[row * columns], values[(row + 1) * columns - 1]);
    }
    const seen = count(border, (own) => !own) > SHEET.seen * border.length;
    const written = dark > SHEET.dot * area && dark < (1 - SHEET.blank) * area;
    const hull = Pixels.hull({ rows, columns, values });
    const full = Pixels.area(hull);
    return written && around && seen && area > SHEET.solid * full &&
      largestWithin(hull) > SHEET.straight * full;
  }

  /** Returns the area of the largest quadrilateral with corners of a hull. */
  function largestWithin(hull) {
    return max(...hull.map(([x, y]) => max(...hull.map(([right, down]) => {
      const sides = hull.map(([across, under]) =>
        (right - x) * (under - y) - (down - y) * (across - x));
      return max(...sides) - min(...sides);
    })))) / 2;
  }

  /** Whether it is as much lighter at its edge as elsewhere, and not slowly less so. */
  function drops(whole, small) {
    const window = 2 * SHEET.margin + 1;
    const inner = Pixels.erode(whole, window, window).values;
    const outer = Pixels.dilate(whole, window, window).values;
    const middle = (is) => Parts.median(small.filter((_, i) => is(whole.values[i], i)));
    const within = middle((own, i) => own && !inner[i]);
    const beyond = middle((own, i) => !own && outer[i]);
    const rest = middle((own) => !own);
    return within - beyond >= SHEET.drop * (middle((own) => own) - rest);
  }

  /** Returns which side few pixels stand out to from what is around them: -1 dark to 1 light. */
  function skew(grey) {
    const small = Preprocess.shrink(grey, ...scaled(grey, SKEW_SIDE));
    const even = { first: -(AROUND >> 1), weights: () => new Array(AROUND).fill(1 / AROUND) };
    const mean = (picture) => Pixels.stretched(picture, picture.columns, even, Pixels.products);
    const around = Preprocess.turned(mean(Preprocess.turned(mean(small)))).values;
    let [sum, most] = [0, 0];
    small.values.forEach((value, i) => {
      const cube = (value - around[i]) ** 3;
      sum += cube;
      most += abs(cube);
    });
    return sum / max(1, most);
  }

  /** Estimates the paper under the ink: closes the dark lines. */
  function paper(grey, pen) {
    const [rows, columns] = scaled(grey, LIGHT_SIDE);
    const closed = Pixels.close(Preprocess.shrink(grey, rows, columns), pen, pen);
    return Pixels.resize(Pixels.median(closed), grey.rows, grey.columns, Pixels.LINEAR).values;
  }

  /** Returns the share of the paper's light that the ink swallows, in a shadow as beside it. */
  function darkness(grey, pen) {
    const light = paper(grey, pen);
    return Float32Array.from(grey.values, (value, i) =>
      clipped(255 * float(1 - float(value / max(light[i], 1)))));
  }

  /** Returns how much each pixel differs from the paper, and whether the light was estimated. */
  function abovePaper(grey, pen, photo) {
    const { rows, columns, values } = grey;
    const edge = max(1, floor(min(rows, columns) / 30));
    const border = new Float64Array(256); // its corners count twice, as along both of their sides
    values.forEach((value, i) => {
      const [row, column] = [floor(i / columns), i % columns];
      for (const [place, length] of [[row, rows], [column, columns]]) {
        border[value] += (place < edge) + (place >= length - edge);
      }
    });
    const all = Pixels.counts(values);
    const [darkest, lightest] = [RARE, 100 - RARE].map((share) => percentile(all, share));
    const [low, level, high] = [5, 50, 95].map((share) => percentile(border, share));
    const middle = (darkest + lightest) / 2;
    let light = level < middle && count(values, (value) => value > middle) < MOSTLY * values.length;
    const uneven = high - low > UNEVEN * (lightest - darkest);
    if (!uneven || !(photo || pen === FINE_PEN)) {
      const apart = (value) => clipped(light ? value - level : level - value);
      return [Float32Array.from(values, apart), uneven];
    }
    const standsOut = skew(grey); // a shadow may lie along the border and over most of the paper
    light = abs(standsOut) > TELLING ? standsOut > 0 : light;
    if (!light) return [darkness(grey, pen), true];
    const turned = like(grey, values.map((value) => 255 - value));
    const under = paper(turned, pen);
    return [Float32Array.from(turned.values, (value, i) => clipped(under[i] - value)), true];
  }

  /** Returns where there is ink, and the strength up to which there is none. */
  function mask({ rows, columns, values }, share) {
    const levels = Uint8Array.from(values);
    const paperCounts = Pixels.counts(levels).slice(0, Pixels.otsu(levels) + 1);
    const middle = percentile(paperCounts, 50);
    const distances = new Float64Array(256);
    paperCounts.forEach((each, level) => { distances[abs(level - middle)] += each; });
    const noise = middle + max(FAINT, SPREADS * 1.5 * percentile(distances, 50));
    const dark = levels.filter((level) => level > noise);
    if (!dark.length) return [new Uint8Array(levels.length), noise];
    const most = dark.reduce((a, b) => max(a, b));
    const threshold = min(Pixels.otsu(dark), 0.6 * most);
    const least = max(noise, share * threshold);
    const weak = Pixels.bytes(values, (value) => (value > least ? 1 : 0));
    const [labels, parts] = Pixels.components({ rows, columns, values: weak });
    const strong = new Uint8Array(parts.length + 1);
    labels.forEach((label, i) => { if (levels[i] > threshold) strong[label] = 1; });
    strong[0] = 0;
    return [Pixels.bytes(labels, (label) => strong[label]), noise];
  }

  /** Separates ink from paper: {rows, columns, strength, mask, noise, scale, uneven}. */
  function find(picture, pen = PEN) {
    const side = max(picture.rows, picture.columns);
    const scale = max(1, ceil(LEAST_SIDE / side));
    let grey = picture;
    if (scale > 1) {
      grey = Pixels.resize(picture, picture.rows * scale, picture.columns * scale, Pixels.CUBIC);
    } else if (side > 2 * LEAST_SIDE) {
      grey = Pixels.blur(picture, side / 700);
    }
    const large = side > PHOTO;
    const [high, wide] = scaled(grey, SHEET.side);
    const small = Preprocess.shrink(grey, high, wide);
    const level = Pixels.otsu(small.values);
    const light = like(small, small.values.map((value) => (value > level ? 1 : 0)));
    const within = card(grey, small, light);
    if (within) {
      const middle = percentile(Pixels.counts(grey.values.filter((_, i) => within[i])), 50);
      grey = like(grey, grey.values.map((value, i) => (within[i] ? value : middle)));
    }
    const on = large && !within ? sheet(grey, small, light) : null;
    const [strength, uneven] = on
      ? [darkness(grey, pen).map((value, i) => (on[i] ? value : 0)), true]
      : abovePaper(grey, pen, large);
    const { rows, columns } = grey;
    const [inked, noise] = mask({ rows, columns, values: strength }, large ? WEAK : WEAK_SMALL);
    return { rows, columns, strength, mask: inked, noise, scale, uneven };
  }

  return { find, filled, FINE_PEN, PHOTO };
})();
