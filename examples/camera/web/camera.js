// Shows the camera, sends its frames one after the other as bytes of luma, and draws what the scanner saw in the last one.
'use strict';

const pause = 66; // milliseconds from frame to frame, at least
const largest = 1280; // pixels of a frame's longer side
const listed = 50; // scans that stay on the page

const at = (id) => document.getElementById(id);
const video = at('video');
const overlay = at('overlay');
const canvas = document.createElement('canvas');
const context = canvas.getContext('2d', { willReadFrequently: true });
let running = null; // the round of frames under way

const say = (text) => { at('status').textContent = text; };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// visible makes characters that cannot be seen, such as a GS1 separator, into ones that can.
const visible = (text) => text.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)));

// trouble says what the browser's errors mean to somebody at a counter.
function trouble(error) {
	switch (error.name) {
	case 'NotAllowedError': return 'The camera was not allowed. Allow it for this page and start again.';
	case 'NotFoundError': return 'There is no camera.';
	case 'NotReadableError': return 'The camera is in use by another program.';
	}
	return 'The camera stopped: ' + error.message;
}

async function call(method, path, body) {
	const response = await fetch(path, { method, body });
	if (response.status === 429) return null; // too fast: this frame does not count
	const said = response.status === 204 ? {} : await response.json();
	if (!response.ok) throw new Error(said.error);
	return said;
}

// grab returns the picture of the moment, smaller where it is too large.
function grab() {
	const scale = Math.min(1, largest / Math.max(video.videoWidth, video.videoHeight));
	const width = canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
	const height = canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
	context.drawImage(video, 0, 0, width, height);
	const { data } = context.getImageData(0, 0, width, height);
	const luma = new Uint8Array(width * height);
	for (let i = 0, k = 0; i < luma.length; i++, k += 4) {
		luma[i] = (data[k] * 77 + data[k + 1] * 150 + data[k + 2] * 29) >> 8;
	}
	return { width, height, luma };
}

function shape(name, attributes, text) {
	const element = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const key in attributes) element.setAttribute(key, attributes[key]);
	if (text !== undefined) element.textContent = text;
	return element;
}

function draw(width, height, seen) {
	overlay.setAttribute('viewBox', `0 0 ${width} ${height}`);
	overlay.replaceChildren(...seen.flatMap((symbol) => {
		const x = symbol.corners.reduce((sum, c) => sum + c[0] / 4, 0);
		const top = Math.min(...symbol.corners.map((c) => c[1]));
		const size = width / 32;
		const text = visible(symbol.text);
		return [
			shape('polygon', { points: symbol.corners.map((c) => c.join(',')).join(' ') }),
			...symbol.corners.map((c) => shape('circle', { cx: c[0], cy: c[1], r: width / 160 })),
			shape('text', { x, y: Math.max(size, top - size / 2), 'font-size': size, 'stroke-width': size / 6 },
				text.length > 40 ? text.slice(0, 39) + '…' : text),
		];
	}));
}

function list(symbol) {
	const item = document.createElement('li');
	const text = document.createElement('code');
	text.textContent = visible(symbol.text);
	const about = document.createElement('span');
	about.className = 'about';
	about.textContent = `${plain(symbol.format)}, ${new Date().toLocaleTimeString()}`;
	const words = document.createElement('span');
	words.className = 'words';
	words.textContent = (symbol.words || []).join(' ');
	item.append(words, text, about);
	at('scans').prepend(item);
	while (at('scans').children.length > listed) at('scans').lastChild.remove();
	at('none').hidden = true;
}

// plain is the name of a format as people read it.
const plain = (format) => format.replaceAll('_', ' ');

// offered shows a box for each format that can be read.
async function offered() {
	const { formats } = await call('GET', 'formats');
	at('formats').append(...formats.map((format) => {
		const label = document.createElement('label');
		const box = document.createElement('input');
		Object.assign(box, { type: 'checkbox', value: format, checked: true });
		label.append(box, ' ' + plain(format));
		return label;
	}));
}

// chosen returns the formats that are ticked, with commas.
const chosen = () => [...at('formats').querySelectorAll('input:checked')].map((box) => box.value).join(',');

// frames sends frames to one stream after the other: another one from when other formats are chosen.
async function frames(round) {
	while (running === round) {
		const formats = chosen();
		if (formats) {
			say('Looking.');
			await framesOf(round, formats);
		} else {
			say('No format is chosen.');
			overlay.replaceChildren();
			await wait(pause);
		}
	}
}

async function framesOf(round, formats) {
	const { stream } = await call('POST', `streams?formats=${formats}`);
	try {
		while (running === round && chosen() === formats) {
			const next = wait(pause);
			if (video.videoWidth > 0) {
				const { width, height, luma } = grab();
				const said = await call('POST', `streams/${stream}?width=${width}&height=${height}`, luma);
				if (said && running === round) {
					draw(width, height, said.seen);
					said.new.forEach(list);
				}
			}
			await next;
		}
	} finally {
		call('DELETE', `streams/${stream}`).catch(() => {}); // a server that is gone has forgotten it
	}
}

async function start() {
	const round = running = {};
	at('toggle').textContent = 'Stop the camera';
	say('Starting the camera…');
	try {
		video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
		at('view').hidden = false;
		await video.play();
		await frames(round);
	} catch (error) {
		if (running === round) stop(trouble(error));
	}
}

function stop(why) {
	running = null;
	if (video.srcObject) video.srcObject.getTracks().forEach((track) => track.stop());
	video.srcObject = null;
	overlay.replaceChildren();
	at('view').hidden = true;
	at('toggle').textContent = 'Start the camera';
	say(why);
}

at('toggle').addEventListener('click', () => (running ? stop('Stopped.') : start()));
offered().catch((error) => say('The formats are not known: ' + error.message));
addEventListener('pagehide', () => running && stop(''));
