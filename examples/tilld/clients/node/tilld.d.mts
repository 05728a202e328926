// The types of tilld.mjs, by transport/local/openapi.yaml. Answers may have fields that are not here.

export interface Money { amount: number; currency?: string }
export interface Override { manager: string; why: string }
export interface Line {
  id?: string; kind?: 'return' | 'deduction' | 'deposit'; gtin?: string; family?: string; quantity?: number;
  unit?: 'kg' | 'l' | 'm' | 'lb' | 'other'; amount: number; notEligible?: boolean;
}
export interface Sale { currency: string; lines: Line[]; offers?: number; exclusive?: boolean }
/** What goes into a record as the till gives it. */
export interface Details { transaction?: string; operator?: string; businessDate?: string; shift?: string }
export interface Request extends Details {
  scanned: string; separated?: boolean; saleKey: string; sale?: Sale; uses?: number; given?: Money; override?: Override;
  training?: boolean;
}
export interface Reservation extends Request { holdSeconds: number }
export interface SaleName { saleKey: string; saleDate?: string }
export interface Correction extends Details {
  redemption?: string; saleKey?: string; saleDate?: string; scanned?: string; separated?: boolean; sale?: Sale;
  given?: Money; override?: Override; training?: boolean;
}
export interface Void extends Details {
  redemption?: string; saleKey?: string; saleDate?: string; receipt?: string; scanned?: string; separated?: boolean;
  key: string; partial?: boolean; returned?: Money; override?: Override; training?: boolean;
}
export interface Query {
  saleKey?: string; redemption?: string; receipt?: string; since?: string; businessDate?: string; shift?: string;
}
export interface Page extends Query { after?: number; limit?: number; passes?: boolean }
export interface Profile {
  version: number; scanner?: string; keyboard?: string; capsLock?: boolean; identifier?: boolean; prefix?: string;
  suffix?: string; separator?: string; lostSeparator?: boolean; characters?: Record<string, string>;
}
export interface Scan { arrived: string; profile?: Profile }
export interface Drawing {
  text: string; format: 'qr_code' | 'code128' | 'data_matrix' | 'aztec'; as?: 'png' | 'svg'; scale?: number;
}

export type Outcome = 'allow' | 'ask' | 'refuse';
export type GivenBy = 'terms' | 'pos' | 'remainder';
export interface Place { merchant?: string; store?: string; lane?: string }
export interface Other { redemption?: string; receipt?: string; campaign?: string; title?: string }
export interface Reason {
  code: string; outcome: Outcome; message: string; detail?: string; limit?: number; used?: number; where?: Place;
  at?: string; begins?: string; ends?: string; missing?: Money; missingQuantity?: number; position?: number;
  other?: Other;
}
export interface Allowance { number?: number; value?: number; currency?: string }
export interface Budget { name: string; campaign?: string; operator?: string; limit: Allowance; used: Allowance }
export interface Discount { currency: string; total: number; lines: number[] }
export interface Terms {
  kind?: string; amount?: number; percent?: number; currency?: string; minSpend?: number; minQuantity?: number;
  products?: string[]; maxQuantity?: number; cap?: number; combinable?: boolean; unit?: string;
}
export interface Decision {
  outcome: Outcome; message?: string; reasons?: Reason[]; redemption?: string; receipt?: string; redemptions?: string[];
  receipts?: string[]; again?: boolean; differs?: boolean; made?: string; alias?: string; campaign?: string;
  title?: string; terms?: Terms; notBefore?: string; notAfter?: string; coupon?: string; proven: boolean;
  discount?: Discount; given?: Money; givenBy?: GivenBy; usesLeft?: number; budgets?: Budget[]; reservation?: string;
  until?: string; notes?: string[]; training?: boolean;
}
export interface Released { reservations: string[] }
export interface Corrected {
  redemptions: string[]; corrections: string[]; given?: Money; givenBy?: GivenBy; discount?: Discount; again?: boolean;
  training?: boolean;
}
export interface Voided {
  redemptions: string[]; voids: string[]; again?: boolean; pending?: boolean; reasons?: Reason[]; budgets?: Budget[];
  training?: boolean;
}
export interface JournalRecord extends Details {
  number: number; kind: 'redemption' | 'void' | 'reservation' | 'release' | 'correction'; id: string; terminal: string;
  place: Place; alias?: string; coupon?: string; campaign?: string; of?: string; group?: string; receipt?: string;
  saleKey: string; given?: Money; givenBy?: GivenBy; before?: Money; discount?: Discount; made: string;
  trusted?: boolean;
  until?: string; proven?: boolean; partial?: boolean; exclusive?: boolean; override?: Override & { reasons: string[] };
  notAllowed?: { reason: string; times: number }[]; notes?: string[]; products?: string[]; voided?: boolean;
  reported?: boolean; pass?: string;
}
export interface Records { records: JournalRecord[]; more?: boolean }
export interface Total {
  businessDate?: string; shift?: string; currency?: string; campaign?: string; redemptions: number; given: number;
  givenByPOS?: number; corrections?: number; voids: number; returned: number; net: number;
}
export interface Verdict {
  number: number; record: string; hash: string; status: string; message: string; reason?: string; detail?: string;
  first?: { place: Place; record: string; redeemed?: number; committed: number }; judged: number; booked?: Money;
}
export interface Hub {
  ready: boolean; epoch?: number; untold?: number; open?: number; lastAnswer?: string; lastError?: string;
}
export interface Status {
  terminal: string; place: Place; enrolled: boolean; rotating?: boolean; pending: number; inFlight?: number;
  value?: Money[]; voids?: Budget[]; oldest?: string; quarantined?: number; verdicts?: number; received?: number;
  setAside?: { record: string; number: number; code: string; detail?: string; since: string }[]; blocked?: string;
  forgotten?: { noticed: string; causes: string[]; above: number; through?: number; manager?: boolean }; held?: string;
  lastError?: string; lastCode?: string; failures?: number; lastAnswer?: string; nextTry?: string; clockOffset?: number;
  clockTrusted: boolean; clockClaimed?: string; bundle?: number; bundleRefused?: string; bundleRefusal?: string;
  bundleRefusedSince?: string; hub?: Hub; damage?: string[]; counts?: Record<string, number>;
}
export interface Reading {
  scanned: string; separated: boolean; readings: string[]; recognised?: boolean; incomplete?: boolean;
  repairs?: string[];
}
export interface PictureSymbol {
  format: string; text: string; scanned: string; addOn?: string; corners: { x: number; y: number }[];
}
export interface Problem {
  type: string; title: string; status: number; detail?: string; code: string; message: string; reasons?: Reason[];
  budgets?: Budget[];
}

export class TilldError extends Error {
  constructor(problem: Problem);
  readonly problem: Problem;
  readonly code: string;
  readonly status: number;
}
export class AccessError extends TilldError {}
export class RequestError extends TilldError {}
export class ConflictError extends TilldError {}
export class BackendError extends TilldError {}
export class OutcomeUnknown extends TilldError {}

export interface Options {
  /** The Unix socket; or url and token. */
  socket?: string; url?: string; token?: string;
  /** The cashier's languages, as in Accept-Language. */
  language?: string;
  /** How long a call is repeated where no answer comes, and how long one answer may take, in milliseconds. */
  patience?: number; timeout?: number;
}

export class Tilld {
  constructor(options: Options);
  check(request: Request): Promise<Decision>;
  reserve(request: Reservation): Promise<Decision>;
  release(sale: SaleName): Promise<Released>;
  redeem(request: Request): Promise<Decision>;
  correct(correction: Correction): Promise<Corrected>;
  void(what: Void): Promise<Voided>;
  records(query?: Page): Promise<Records>;
  totals(query?: Query): Promise<Total[]>;
  verdicts(waitSeconds?: number): Promise<Verdict[]>;
  acknowledge(...records: string[]): Promise<void>;
  status(): Promise<Status>;
  report(waitSeconds?: number): Promise<void>;
  rotateKey(waitSeconds?: number): Promise<void>;
  installBundle(bundle: string): Promise<void>;
  endForgotten(manager: string, why: string): Promise<void>;
  scannerTest(): Promise<{ text: string; linear: string }>;
  scannerLearn(arrived: string): Promise<Profile>;
  scannerRead(scan: Scan): Promise<Reading>;
  draw(drawing: Drawing): Promise<Uint8Array>;
  readPicture(picture: Uint8Array, type?: string, width?: number, height?: number): Promise<PictureSymbol[]>;
  call<Answer = unknown>(name: string, body: object, waitSeconds?: number): Promise<Answer>;
}
