// A QR code (ISO/IEC 18004), level M, versions 1 to 20, so that a pass can be drawn where there is no network.

// By version: codewords of error correction in each block, and blocks (table 9).
const correction = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const blocks = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

// Powers of 2 in GF(256) with the polynomial 0x11D, and their logarithms.
const power = new Uint8Array(510), log = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++, x = x << 1 ^ (x & 128 ? 0x11d : 0)) {
  power[i] = power[i + 255] = x;
  log[x] = i;
}
const times = (a, b) => (a && b ? power[log[a] + log[b]] : 0);

// centres are where alignment patterns stand, along one side.
function centres(version) {
  if (version === 1) return [];
  const n = Math.floor(version / 7) + 2, last = version * 4 + 10, step = Math.ceil((last - 6) / (n - 1) / 2) * 2;
  return [6, ...Array.from({ length: n - 1 }, (_, i) => last - step * (n - 2 - i))];
}

// codewords is how many fit a version, error correction included.
function codewords(version) {
  const side = version * 4 + 17, n = version === 1 ? 0 : Math.floor(version / 7) + 2;
  const aligned = n ? 25 * (n * n - 3) - 10 * (n - 2) : 0; // those on the timing patterns share five modules with each
  const fixed = 3 * 64 + 2 * (side - 16) + 31 + (version > 6 ? 36 : 0);
  return (side * side - fixed - aligned) >> 3;
}

// content is a text as bits, in the alphanumeric mode where that can hold it, and the version that it needs.
function content(text) {
  const plain = [...text].every((c) => alphabet.includes(c)), bytes = new TextEncoder().encode(text);
  for (let version = 1; version < blocks.length; version++) {
    const bits = [], put = (value, n) => { for (let i = n - 1; i >= 0; i--) bits.push(value >> i & 1); };
    put(plain ? 2 : 4, 4);
    if (plain) {
      put(text.length, version < 10 ? 9 : 11);
      for (let i = 0; i + 1 < text.length; i += 2) put(alphabet.indexOf(text[i]) * 45 + alphabet.indexOf(text[i + 1]), 11);
      if (text.length % 2) put(alphabet.indexOf(text.at(-1)), 6);
    } else {
      put(bytes.length, version < 10 ? 8 : 16);
      for (const b of bytes) put(b, 8);
    }
    const room = codewords(version) - correction[version] * blocks[version];
    if (bits.length <= room * 8) return { version, data: padded(bits, room) };
  }
  throw new Error("the text is too long for a QR code");
}

function padded(bits, room) {
  bits.push(...Array(Math.min(4, room * 8 - bits.length)).fill(0));
  while (bits.length % 8) bits.push(0);
  const data = Array.from({ length: bits.length / 8 }, (_, i) => bits.slice(8 * i, 8 * i + 8).reduce((n, bit) => n << 1 | bit, 0));
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
  return data;
}

// remainder is the error correction of a block: what is left of it by the generator of a degree.
function remainder(block, degree) {
  let generator = [1];
  for (let i = 0; i < degree; i++) {
    generator = [...generator, 0].map((c, j) => c ^ (j ? times(generator[j - 1], power[i]) : 0));
  }
  const rest = [...block, ...Array(degree).fill(0)];
  for (let i = 0; i < block.length; i++) {
    const factor = rest[i];
    generator.forEach((c, j) => { rest[i + j] ^= times(c, factor); });
  }
  return rest.slice(block.length);
}

// interleaved are the codewords in the order in which they are placed.
function interleaved({ version, data }) {
  const n = blocks[version], short = Math.floor(data.length / n), long = data.length % n, parts = [];
  for (let i = 0, at = 0; i < n; i++) {
    const end = at + short + (i >= n - long ? 1 : 0);
    parts.push(data.slice(at, end));
    at = end;
  }
  const checks = parts.map((part) => remainder(part, correction[version]));
  const all = (lists) => Array.from({ length: Math.max(...lists.map((l) => l.length)) }, (_, i) => lists.flatMap((l) => (i < l.length ? [l[i]] : []))).flat();
  return [...all(parts), ...all(checks)];
}

// checked is a value with its remainder by a generator, as the version and the format are written.
function checked(value, degree, generator) {
  let rest = value << degree;
  for (let i = 17; i >= degree; i--) if (rest >> i & 1) rest ^= generator << (i - degree);
  return value << degree | rest;
}

// patterns are the modules that every symbol of a version has; what is left open is undefined.
function patterns(version) {
  const side = version * 4 + 17, grid = Array.from({ length: side }, () => Array(side));
  const ring = (x, y, outer, dark) => {
    for (let dy = -outer; dy <= outer; dy++) {
      for (let dx = -outer; dx <= outer; dx++) {
        if (grid[y + dy] && x + dx >= 0 && x + dx < side) grid[y + dy][x + dx] = dark(Math.max(Math.abs(dx), Math.abs(dy)));
      }
    }
  };
  for (let i = 8; i < side - 8; i++) grid[6][i] = grid[i][6] = i % 2 === 0;
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]]) ring(x, y, 4, (d) => d !== 2 && d !== 4);
  const at = centres(version);
  for (const x of at) for (const y of at) if (grid[y][x] === undefined || x === 6 && y > 6 && y < side - 7 || y === 6 && x > 6 && x < side - 7) ring(x, y, 2, (d) => d !== 1);
  if (version > 6) {
    const bits = checked(version, 12, 0x1f25);
    for (let i = 0; i < 18; i++) grid[Math.floor(i / 3)][side - 11 + i % 3] = grid[side - 11 + i % 3][Math.floor(i / 3)] = (bits >> i & 1) === 1;
  }
  return grid;
}

// placeFormat writes which mask there is, twice, and the dark module. Level M is 0.
function placeFormat(grid, mask) {
  const side = grid.length, bits = checked(mask, 10, 0x537) ^ 0x5412, bit = (i) => (bits >> i & 1) === 1;
  for (let i = 0; i < 15; i++) {
    grid[i < 6 ? i : i < 8 ? i + 1 : side - 15 + i][8] = bit(i);
    grid[8][i < 8 ? side - 1 - i : i === 8 ? 7 : 14 - i] = bit(i);
  }
  grid[side - 8][8] = true;
}

const masks = [(x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3, (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => x * y % 2 + x * y % 3, (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2];

// place fills the open modules with codewords, from the right in columns of two, upwards and downwards by turns.
function place(grid, words, mask) {
  const side = grid.length;
  let next = 0;
  for (let right = side - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let i = 0; i < side; i++) {
      const y = up ? side - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (grid[y][x] !== undefined) continue;
        const bit = next < words.length * 8 ? words[next >> 3] >> (7 - next % 8) & 1 : 0;
        next++;
        grid[y][x] = (bit === 1) !== (masks[mask](x, y) === 0);
      }
    }
  }
}

// cost is how much there is in a symbol that scanners mistake: long runs, blocks, what looks like a finder, too much of one colour.
function cost(grid) {
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]))].map((line) => line.map((dark) => (dark ? "1" : "0")).join(""));
  let sum = 0, dark = 0;
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) || []) sum += run.length - 2;
    sum += 40 * ((line.match(/(?=10111010000)/g) || []).length + (line.match(/(?=00001011101)/g) || []).length);
  }
  grid.forEach((row, y) => row.forEach((cell, x) => {
    dark += cell;
    if (y && x && cell === row[x - 1] && cell === grid[y - 1][x] && cell === grid[y - 1][x - 1]) sum += 3;
  }));
  return sum + 10 * Math.floor(Math.abs(dark / grid.length ** 2 - 0.5) * 20);
}

// encode returns the rows of the symbol of a text: true is dark.
export function encode(text) {
  const held = content(text), words = interleaved(held);
  let best = null;
  for (let mask = 0; mask < 8; mask++) {
    const grid = patterns(held.version);
    placeFormat(grid, mask);
    place(grid, words, mask);
    const costs = cost(grid);
    if (!best || costs < best.costs) best = { grid, costs };
  }
  return best.grid;
}

// draw shows the symbol of a text in an SVG element, with its quiet zone.
export function draw(picture, text) {
  const grid = encode(text), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", grid.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join("")).join(""));
  picture.setAttribute("viewBox", `-4 -4 ${grid.length + 8} ${grid.length + 8}`);
  picture.replaceChildren(path);
}
