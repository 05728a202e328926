// Reads gray pictures from standard input (width and height as 32 bits, little end first, then the pixels) with zxing-cpp
// and answers each with a line of JSON. Everything that it can try is on.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'read.mjs'));
const { prepareZXingModule, readBarcodes } = require('zxing-wasm/reader');
const wasmBinary = readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'));
await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });

const options = {
	formats: process.argv[1] ? process.argv[1].split(',') : [],
	tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true,
	maxNumberOfSymbols: 255, textMode: 'Plain',
};

async function answer(width, height, gray) {
	const data = new Uint8ClampedArray(width * height * 4).fill(255);
	for (let i = 0; i < gray.length; i++) data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = gray[i];
	const before = process.cpuUsage();
	const all = await readBarcodes({ data, width, height, colorSpace: 'srgb' }, options);
	const used = process.cpuUsage(before);
	const corner = (p) => ({ X: p.x, Y: p.y });
	const Readings = all.filter((r) => r.isValid).map((r) => ({
		Format: r.format, Text: r.text,
		Corners: [r.position.topLeft, r.position.topRight, r.position.bottomRight, r.position.bottomLeft].map(corner),
	}));
	process.stdout.write(JSON.stringify({ Readings, Micros: used.user + used.system }) + '\n');
}

let held = Buffer.alloc(0);
for await (const chunk of process.stdin) {
	held = Buffer.concat([held, chunk]);
	while (held.length >= 8) {
		const width = held.readUInt32LE(0), height = held.readUInt32LE(4), end = 8 + width * height;
		if (held.length < end) break;
		await answer(width, height, held.subarray(8, end));
		held = held.subarray(end);
	}
}
