import { DocumentError, JsonFields } from './json-fields.ts';
import { PieceText } from './piece-text.ts';
import { isSpace, ValueScanner } from './value-scanner.ts';

/** What is wanted of an object: members by name, and lists of further objects. Everything else is passed over. */
export interface PieceShape {
  readonly members: ReadonlySet<string>;
  readonly lists: ReadonlyMap<string, PieceShape>;
  /** Takes the members when the object has ended: after all objects of its lists, of which `lists` has the names. */
  readonly take: (fields: JsonFields, lists: ReadonlySet<string>) => void;
}

/** An object that has not ended yet. */
interface OpenObject {
  readonly shape: PieceShape;
  readonly path: string;
  /** `{` and the members that are kept. */
  readonly text: PieceText;
  members: number;
  lists: ReadonlySet<string>;
  /** The list that is being read. */
  list: OpenList | undefined;
}

interface OpenList {
  readonly path: string;
  readonly shape: PieceShape;
  items: number;
}

/** What comes next, white space apart. */
type Next =
  | 'an object'
  | 'a name or the end'
  | 'a name'
  | 'the rest of the name'
  | 'a colon'
  | 'a value'
  | 'the rest of the value'
  | 'a comma or the end'
  | 'a list'
  | 'an item or the end'
  | 'a comma or the end of the list'
  | 'nothing';

/** Of one object without its lists: JSON.parse can make some 30 bytes of one. */
const MAX_PIECE_BYTES = 128 * 1024;
/** Lists and objects that a value may have in one another: JSON.parse takes long over deep ones. */
const MAX_DEPTH = 32;
const MAX_NAME_BYTES = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NO_LISTS: ReadonlySet<string> = new Set();

/**
 * Cuts a JSON text, as its bytes come, into the objects of its lists, each of which is parsed by itself: so it takes
 * little memory, whatever the text measures and has in it. Its methods throw DocumentError.
 */
export class JsonPieces {
  readonly #root: PieceShape;
  readonly #open: OpenObject[] = [];
  /** For the members of open objects, by how deep they are. */
  readonly #texts: PieceText[] = [];
  readonly #name = new PieceText(MAX_NAME_BYTES);
  readonly #value = new ValueScanner();
  #next: Next = 'an object';
  /** Whether the value that is being read is kept. */
  #keeps = false;

  constructor(root: PieceShape) {
    this.#root = root;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#next === 'the rest of the value') at = this.#readValue(bytes, at);
      else if (this.#next === 'the rest of the name') at = this.#readName(bytes, at);
      else if (isSpace(bytes[at] ?? 0)) at++;
      else at += this.#step(bytes[at] ?? 0);
    }
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#next !== 'nothing') throw noJson();
  }

  /** The members of the outermost object that have come by now, while it has not ended. */
  soFar(): JsonFields {
    const [root] = this.#open;
    return root === undefined ? new JsonFields({}, '') : fieldsOf(root);
  }

  /** Takes the byte that is next; gives 0 where it is the first of more, and 1 where it is done with. */
  #step(byte: number): 0 | 1 {
    switch (this.#next) {
      case 'an object':
        this.#openObject(byte);
        return 1;
      case 'a name':
      case 'a name or the end':
        return this.#openName(byte);
      case 'a colon':
        if (byte !== COLON) throw noJson();
        this.#chooseMember();
        return 1;
      case 'a value':
        if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST) throw noJson();
        this.#value.begin();
        this.#next = 'the rest of the value';
        return 0;
      case 'a comma or the end':
        if (byte === COMMA) this.#next = 'a name';
        else this.#closeObject(byte);
        return 1;
      case 'a list':
        if (byte !== OPEN_LIST) throw new DocumentError(this.#list().path, 'is no list');
        this.#next = 'an item or the end';
        return 1;
      case 'an item or the end':
        return this.#openItem(byte);
      case 'a comma or the end of the list':
        if (byte === COMMA) this.#next = 'an object';
        else this.#closeList(byte);
        return 1;
      default:
        throw noJson();
    }
  }

  #openObject(byte: number): void {
    const list = this.#open.at(-1)?.list;
    const path = list === undefined ? '' : `${list.path}[${list.items++}]`;
    if (byte !== OPEN_OBJECT) throw new DocumentError(path, 'is no object');
    const text = (this.#texts[this.#open.length] ??= new PieceText(MAX_PIECE_BYTES));
    text.begin(path);
    text.appendByte(OPEN_OBJECT);
    const shape = list?.shape ?? this.#root;
    this.#open.push({ shape, path, text, members: 0, lists: NO_LISTS, list: undefined });
    this.#next = 'a name or the end';
  }

  #closeObject(byte: number): void {
    const object = this.#object();
    if (byte !== CLOSE_OBJECT) throw noJson();
    this.#open.pop();
    object.shape.take(fieldsOf(object), object.lists);
    this.#next = this.#open.length === 0 ? 'nothing' : 'a comma or the end of the list';
  }

  #openName(byte: number): 0 | 1 {
    if (byte !== QUOTE) {
      if (this.#next === 'a name') throw noJson();
      this.#closeObject(byte);
      return 1;
    }
    this.#name.begin(this.#object().path);
    this.#value.begin();
    this.#next = 'the rest of the name';
    return 0;
  }

  #readName(bytes: Uint8Array, from: number): number {
    const end = this.#value.scan(bytes, from);
    this.#name.append(bytes, from, end);
    if (this.#value.ended) this.#next = 'a colon';
    return end;
  }

  /** The name has come: what to do with its value? */
  #chooseMember(): void {
    const object = this.#object();
    const name = this.#name.parseName();
    const shape = object.shape.lists.get(name);
    this.#keeps = object.shape.members.has(name);
    this.#next = shape === undefined ? 'a value' : 'a list';
    if (this.#keeps) beginMember(object, this.#name);
    if (shape === undefined) return;
    const path = object.path === '' ? name : `${object.path}.${name}`;
    if (object.lists.has(name)) throw new DocumentError(path, 'is there twice');
    object.lists = new Set([...object.lists, name]);
    object.list = { path, shape, items: 0 };
  }

  #readValue(bytes: Uint8Array, from: number): number {
    const end = this.#value.scan(bytes, from);
    if (this.#keeps) this.#keep(bytes, from, end);
    if (this.#value.ended) this.#next = 'a comma or the end';
    return end;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const { text, path } = this.#object();
    if (this.#value.deepest > MAX_DEPTH) {
      throw new DocumentError(path, `has lists and objects in one another, more than ${MAX_DEPTH}`);
    }
    text.append(bytes, from, to);
  }

  #openItem(byte: number): 0 | 1 {
    if (byte === CLOSE_LIST) {
      this.#closeList(byte);
      return 1;
    }
    this.#next = 'an object';
    return 0;
  }

  #closeList(byte: number): void {
    if (byte !== CLOSE_LIST) throw noJson();
    this.#object().list = undefined;
    this.#next = 'a comma or the end';
  }

  #object(): OpenObject {
    const object = this.#open.at(-1);
    if (object === undefined) throw noJson();
    return object;
  }

  #list(): OpenList {
    const { list } = this.#object();
    if (list === undefined) throw noJson();
    return list;
  }
}

function fieldsOf({ text, path }: OpenObject): JsonFields {
  return new JsonFields(text.parse('}'), path);
}

function beginMember(object: OpenObject, name: PieceText): void {
  if (object.members++ > 0) object.text.appendByte(COMMA);
  object.text.appendAll(name);
  object.text.appendByte(COLON);
}

function noJson(): DocumentError {
  return new DocumentError('', 'is no JSON in UTF-8');
}
