// The scenario that every client runs: scenario.mjs unix:SOCKET|URL TOKENFILE|- LABEL PASS PASS RECEIPT
//
// With LABEL rounds it reads lines "KEY PASS" instead and redeems each.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { AccessError, BackendError, OutcomeUnknown, RequestError, Tilld } from './tilld.mjs';

const [address, tokenFile, label, first, second, receipt] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const eur = (amount) => ({ amount, currency: 'EUR' });
const sale = { currency: 'EUR', lines: [{ id: '1', amount: 350 }] };

function connect(more) {
  const token = tokenFile === '-' ? undefined : readFileSync(tokenFile, 'utf8');
  return new Tilld(address.startsWith('unix:') ? { socket: address.slice(5), ...more } : { url: address, token,
    ...more });
}

/** Has the test cut or mend the network. */
async function tell(word) {
  console.log(word);
  assert.equal((await lines.next()).value, 'done');
}

async function fails(kind, code, call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof kind, error);
    assert.equal(error.code, code);
    return Boolean(error.problem.message);
  });
}

async function rounds(till) {
  for await (const line of { [Symbol.asyncIterator]: () => lines }) {
    const [saleKey, ...scanned] = line.split(' ');
    const decision = await till.redeem({ scanned: scanned.join(' '), saleKey });
    console.log(saleKey, decision.outcome, decision.redemption ?? '-');
  }
}

async function scenario(till) {
  await till.report(); // enrols
  assert.ok((await till.status()).enrolled);
  const checked = await till.check({ scanned: first, saleKey: `${label}-1`, sale });
  assert.equal(checked.outcome, 'allow');
  assert.deepEqual(checked.given, eur(100));

  await tell('offline');
  const request = { scanned: first, saleKey: `${label}-1`, sale, shift: label };
  const done = await till.redeem(request);
  assert.equal(done.outcome, 'allow');
  assert.ok(done.receipt);
  const again = await till.redeem(request);
  assert.ok(again.again);
  assert.equal(again.redemption, done.redemption);
  const refused = await till.redeem({ ...request, saleKey: `${label}-2` });
  assert.equal(refused.outcome, 'refuse');
  assert.equal(refused.reasons[0].code, 'already-redeemed');
  assert.match(refused.message, /^Hier bereits eingelöst/);
  const twice = await till.redeem({ ...request, scanned: second, saleKey: `${label}-3` });
  assert.equal(twice.outcome, 'allow', 'redeemed at another till, which this one cannot know');
  await fails(BackendError, 'unreachable', () => till.report());

  await tell('online');
  const part = { receipt, key: `${label}-r`, partial: true, returned: eur(30), shift: label };
  assert.ok((await till.void(part)).pending, 'another till redeemed it');
  assert.ok((await till.void(part)).again);
  await till.report();
  const verdicts = await till.verdicts(20);
  assert.deepEqual(verdicts.map((v) => v.record), [twice.redemption]);
  assert.equal(verdicts[0].status, 'duplicate');
  assert.ok(verdicts[0].message);
  await till.acknowledge(twice.redemption);
  assert.deepEqual(await till.verdicts(), []);
  const totals = await till.totals({ shift: label });
  assert.equal(totals.reduce((sum, t) => sum + t.redemptions, 0), 2);
  assert.equal(totals.reduce((sum, t) => sum + t.voids, 0), 1);

  await fails(RequestError, 'invalid-request', () => till.redeem({ ...request, colour: 'red' }));
  await fails(RequestError, 'not-found', () => till.correct({ saleKey: 'never', given: eur(1) }));
  if (tokenFile !== '-') {
    await fails(AccessError, 'unauthorized', () => new Tilld({ url: address, token: 'guess' }).status());
  }
  const nobody = new Tilld({ url: 'http://127.0.0.1:1', patience: 50 });
  await fails(OutcomeUnknown, 'outcome-unknown', () => nobody.status());
  console.log('ok');
}

await (label === 'rounds' ? rounds : scenario)(connect({ language: 'de' }));
process.exit(0);
