// A client of tilld for Node 16 and later. Copy this file, and tilld.d.mts for TypeScript; it needs nothing but Node.
//
//   const till = new Tilld({ socket: 'till/tilld.sock' });                          // or:
//   const till = new Tilld({ url: 'http://127.0.0.1:7345', token: await readFile('till/token', 'utf8') });
//   const decision = await till.redeem({ scanned, saleKey: '2026-11-26/7/42',
//     sale: { currency: 'EUR', lines: [{ amount: 350 }] } });
//   if (decision.outcome !== 'allow') show(decision.message);
//
// The fields of calls and answers are those of transport/local/openapi.yaml. Pass over fields that you do not know. A
// refusal is a decision; an error is a TilldError. Where no answer comes a call is repeated with the same keys until
// `patience` milliseconds are over; then it throws OutcomeUnknown: call again with the same keys until there is an
// answer.
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** The till could not do it. `code` is one of CODES.md, `message` of `problem` is for the cashier. */
export class TilldError extends Error {
  constructor(problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = this.constructor.name;
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
  }
}
/** This program may not call: look at the token, or at the socket's rights. */
export class AccessError extends TilldError {}
/** The call is wrong, or names what is not there: mend the program. */
export class RequestError extends TilldError {}
/** It cannot be done as things stand; `problem.reasons` may say what a manager has to decide. */
export class ConflictError extends TilldError {}
/** The backend cannot be reached, or refused. Nothing is lost. */
export class BackendError extends TilldError {}
/** It may have been done. Call again with the same keys until there is an answer. */
export class OutcomeUnknown extends TilldError {}

const kinds = {
  400: RequestError, 404: RequestError, 405: RequestError, 413: RequestError, 422: RequestError,
  401: AccessError, 403: AccessError, 409: ConflictError, 502: BackendError, 504: OutcomeUnknown,
};

/** A till: the daemon at a Unix socket, or at an address with a token. */
export class Tilld {
  constructor({ socket, url, token, language = 'en', patience = 10_000, timeout = 30_000 }) {
    if (!socket === !url) throw new TypeError('give a socket or a url');
    const { hostname, port } = url ? new URL(url) : {};
    this.to = socket ? { socketPath: socket, host: 'localhost' } : { host: hostname, port };
    this.headers = { 'Offlane-Local': '1', 'Accept-Language': language };
    if (token) this.headers.Authorization = `Bearer ${token.trim()}`;
    this.patience = patience;
    this.timeout = timeout;
  }

  // A sale.
  check(request) { return this.call('check', request); }
  reserve(request) { return this.call('reserve', request); }
  release(sale) { return this.call('release', sale); }
  redeem(request) { return this.call('redeem', request); }
  correct(correction) { return this.call('correct', correction); }
  void(what) { return this.call('void', what); }

  // What was recorded, and what the backend said.
  records(query = {}) { return this.call('records', query); }
  async totals(query = {}) { return (await this.call('totals', query)).totals; }
  async verdicts(waitSeconds = 0) { return (await this.call('verdicts', { waitSeconds }, waitSeconds)).verdicts; }
  async acknowledge(...records) { await this.call('acknowledge', { records }); }

  // How the terminal stands.
  status() { return this.call('status', {}); }
  async report(waitSeconds = 60) { await this.call('report', { waitSeconds }, waitSeconds); }
  async rotateKey(waitSeconds = 60) { await this.call('rotate-key', { waitSeconds }, waitSeconds); }
  async installBundle(bundle) { await this.call('install-bundle', { bundle }); }
  async endForgotten(manager, why) { await this.call('end-forgotten', { override: { manager, why } }); }

  // Scanners and pictures.
  scannerTest() { return this.call('scanner-test', {}); }
  async scannerLearn(arrived) { return (await this.call('scanner-learn', { arrived })).profile; }
  scannerRead(scan) { return this.call('scanner-read', scan); }
  draw(drawing) { return this.#send('draw', JSON.stringify(drawing), 'application/json', 0); }

  /** The symbols of a picture, or of a frame: its luminance with the type application/octet-stream. */
  async readPicture(picture, type = 'image/png', width = 0, height = 0) {
    const query = width ? `?width=${width}&height=${height}` : '';
    return JSON.parse(await this.#send(`read-picture${query}`, picture, type, 0)).symbols;
  }

  /** Makes any call, by its name. */
  async call(name, body, waitSeconds = 0) {
    return JSON.parse(await this.#send(name, JSON.stringify(body), 'application/json', waitSeconds));
  }

  async #send(name, body, type, waitSeconds) {
    const end = Date.now() + this.patience;
    for (let wait = 20; ; wait = Math.min(2 * wait, 1000)) {
      try {
        return await this.#once(name, body, type, waitSeconds);
      } catch (error) {
        const known = error instanceof TilldError && !(error instanceof OutcomeUnknown);
        if (known || Date.now() + wait > end) throw known || error instanceof TilldError ? error : lost(error);
      }
      await pause(wait);
    }
  }

  #once(name, body, type, waitSeconds) {
    return new Promise((resolve, reject) => {
      const options = { ...this.to, method: 'POST', path: `/v1/${name}`, agent: false,
        timeout: this.timeout + 1000 * waitSeconds,
        headers: { ...this.headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) } };
      const call = request(options, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('aborted', () => reject(new Error('the answer was cut off')));
        answer.on('end', () => {
          const data = Buffer.concat(parts);
          if (answer.statusCode === 200) return resolve(data);
          try {
            reject(new (kinds[answer.statusCode] ?? TilldError)(JSON.parse(data)));
          } catch {
            reject(new Error("the answer is not the till's"));
          }
        });
      });
      call.on('timeout', () => call.destroy(new Error('no answer in time')));
      call.on('error', reject);
      call.end(body);
    });
  }
}

function lost(error) {
  return new OutcomeUnknown({ status: 0, code: 'outcome-unknown', message: '…',
    detail: `no answer came: ${error.message}` });
}
