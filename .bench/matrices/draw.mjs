// Draws symbols with bwip-js: reads lines of JSON from standard input, each the options of one, and answers each
// with its width and pixels, 0 light and 1 dark, as a line of JSON.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(join(process.cwd(), 'draw.mjs'));
const bwip = require('bwip-js');

for await (const line of createInterface({ input: process.stdin })) {
	let answer;
	try {
		const [symbol] = bwip.raw(JSON.parse(line));
		answer = { Width: symbol.pixx, Dark: Array.from(symbol.pixs).join('') };
	} catch (e) {
		answer = { Error: String(e) };
	}
	process.stdout.write(JSON.stringify(answer) + '\n');
}
