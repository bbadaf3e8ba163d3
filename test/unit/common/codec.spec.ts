import {
  choice,
  count,
  DecodingError,
  flag,
  list,
  moment,
  named,
  nullable,
  nullWhereMissing,
  number,
  object,
  optional,
  pair,
  record,
  text,
} from '../../../src/common/codec.js';

interface Ship {
  readonly id: string;
  readonly hullBytes: number;
  readonly topSpeed: number | null;
  readonly isAfloat: boolean;
  readonly launchedAt: string;
  readonly kind: 'sail' | 'steam';
  readonly size: readonly [number, number];
  readonly crew: readonly { readonly firstName: string }[];
  readonly cargoTons: Readonly<Record<string, number>>;
}

const shipCodec = object<Ship>({
  id: text('Painted on the bow.'),
  hullBytes: count(),
  topSpeed: nullable(number()),
  isAfloat: flag(),
  launchedAt: moment(),
  kind: choice(['sail', 'steam']),
  size: pair(count()),
  crew: list(object<Ship['crew'][number]>({ firstName: text() })),
  cargoTons: record(number()),
});

const SHIP: Ship = {
  id: 'Argo',
  hullBytes: 12,
  topSpeed: null,
  isAfloat: true,
  launchedAt: '2026-11-20T09:30:00.000Z',
  kind: 'sail',
  size: [30, 7],
  crew: [{ firstName: 'Jason' }],
  cargoTons: { goldenFleece: 0.01 },
};

const WRITTEN = {
  id: 'Argo',
  hull_bytes: 12,
  top_speed: null,
  is_afloat: true,
  launched_at: '2026-11-20T09:30:00.000Z',
  kind: 'sail',
  size: [30, 7],
  crew: [{ first_name: 'Jason' }],
  cargo_tons: { goldenFleece: 0.01 },
};

describe('a codec', () => {
  it('writes names in snake_case, but not those that are data', () => {
    expect(shipCodec.encode(SHIP)).toEqual(WRITTEN);
  });

  it('reads what it has written', () => {
    expect(shipCodec.decode(JSON.parse(JSON.stringify(WRITTEN)), 'ship')).toEqual(SHIP);
  });

  it('leaves out what it does not know', () => {
    expect(shipCodec.decode({ ...WRITTEN, colour: 'black' }, 'ship')).toEqual(SHIP);
  });

  it.each([
    ['id', 7, 'ship.id must be a text, but is 7'],
    ['id', undefined, 'ship.id must be a text, but is undefined'],
    ['hull_bytes', -1, 'ship.hull_bytes must be a whole number'],
    ['hull_bytes', 1.5, 'ship.hull_bytes must be a whole number'],
    ['top_speed', '9', 'ship.top_speed must be a number, but is "9"'],
    ['is_afloat', null, 'ship.is_afloat must be true or false'],
    ['launched_at', 'yesterday', 'ship.launched_at must be a date and time'],
    ['kind', 'rowing', 'ship.kind must be one of sail, steam'],
    ['size', [1, 2, 3], 'ship.size must be a list of two'],
    ['crew', {}, 'ship.crew must be a list'],
    ['crew', [{ first_name: 1 }], 'ship.crew[0].first_name must be a text'],
    ['cargo_tons', [], 'ship.cargo_tons must be an object'],
    ['cargo_tons', { gold: null }, 'ship.cargo_tons.gold must be a number'],
  ])('refuses %s that is %j, and says where it stands', (name, value, message) => {
    const read = (): unknown => shipCodec.decode({ ...WRITTEN, [name]: value }, 'ship');
    expect(read).toThrow(DecodingError);
    expect(read).toThrow(message);
  });

  it('describes what it writes', () => {
    expect(shipCodec.definition).toMatchObject({
      type: 'object',
      required: Object.keys(WRITTEN),
      properties: {
        id: { type: 'string', description: 'Painted on the bow.' },
        top_speed: { type: 'number', nullable: true },
        kind: { enum: ['sail', 'steam'] },
        size: { type: 'array', minItems: 2, maxItems: 2 },
        cargo_tons: { additionalProperties: { type: 'number' } },
      },
    });
  });

  it('with a name is referred to by it', () => {
    const reference = { $ref: '#/components/schemas/Ship' };
    const ship = named('Ship', shipCodec);
    expect(list(ship).schema).toEqual({ type: 'array', items: reference });
    expect(nullable(ship).schema).toEqual({ allOf: [reference], nullable: true });
    expect(ship.definition).toBe(shipCodec.definition);
  });

  it('leaves out an optional member that is missing, both ways, and does not require it', () => {
    interface Boat {
      readonly sails?: number | undefined;
    }
    const boat = object<Boat>({ sails: optional(count('Hoisted.')) });
    expect(boat.encode({})).toStrictEqual({});
    expect(boat.encode({ sails: undefined })).toStrictEqual({});
    expect(boat.encode({ sails: 2 })).toStrictEqual({ sails: 2 });
    expect(boat.decode({}, 'boat')).toStrictEqual({});
    expect(boat.decode({ sails: 2 }, 'boat')).toStrictEqual({ sails: 2 });
    expect(() => boat.decode({ sails: null }, 'boat')).toThrow('boat.sails must be a whole number');
    expect(boat.definition).toMatchObject({ required: [], properties: { sails: { description: 'Hoisted.' } } });
  });

  it('reads a member that was added later as null where it is missing, and writes it', () => {
    const boat = object<{ readonly flag: string | null }>({ flag: nullWhereMissing(nullable(text())) });
    expect(boat.decode({}, 'boat')).toStrictEqual({ flag: null });
    expect(boat.encode({ flag: null })).toStrictEqual({ flag: null });
    expect(() => boat.decode({ flag: 7 }, 'boat')).toThrow('boat.flag must be a text');
  });
});
