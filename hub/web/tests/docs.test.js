import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, operationsOf, piecesOf } from '../docs/model.js';
import { fieldsOf, shapeOf } from '../docs/schema.js';

const api = {
  tags: [{ name: 'people', description: 'Who lives here' }],
  paths: {
    '/api/members/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: { tags: ['people'], summary: 'One person', responses: { 200: { $ref: '#/components/responses/Member' } } },
      delete: { operationId: 'revoke', tags: ['people'], responses: { 204: { description: 'Gone' } } },
    },
    '/health': { get: { responses: {} } },
  },
  components: {
    parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } } },
    responses: {
      Member: { description: 'The person', content: { 'application/json': { schema: { $ref: '#/components/schemas/Member' } } } },
    },
    schemas: {
      Named: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      Member: {
        allOf: [{ $ref: '#/components/schemas/Named' }],
        properties: { role: { enum: ['owner', 'staff'] }, seen: { type: ['string', 'null'], format: 'date-time' } },
      },
    },
  },
};

test('operations stand under their tag, references followed', () => {
  const groups = operationsOf(api);
  assert.deepEqual(groups.map(({ tag, text, operations }) => [tag, text, operations.map(({ id }) => id)]), [
    ['people', 'Who lives here', ['get-/api/members/{id}', 'revoke']],
    ['other', '', ['get-/health']],
  ]);
  const [get] = groups[0].operations;
  assert.equal(get.parameters[0].name, 'id');
  assert.equal(get.answers[0].text, 'The person');
  assert.equal(shapeOf(get.answers[0].contents[0].schema), 'Member');
});

test('shapes in a word, fields in a list', () => {
  assert.equal(shapeOf({ type: 'array', items: { $ref: '#/components/schemas/Member' } }), 'list of Member');
  assert.equal(shapeOf({ oneOf: [{ type: 'null' }, { $ref: '#/x/House' }] }), 'null | House');
  assert.equal(shapeOf({}), 'anything');
  assert.equal(shapeOf(true), 'anything');
  assert.deepEqual(
    fieldsOf(api, { type: 'array', items: { $ref: '#/components/schemas/Member' } }).map(({ name, type, required }) => [name, type, required]),
    [['name', 'string', true], ['role', '"owner" | "staff"', false], ['seen', 'string (date-time) | null', false]],
  );
  assert.deepEqual(fieldsOf(api, { $ref: '#/components/schemas/Nobody' }), []);
});

test('every word has to be found', () => {
  const [get, remove] = operationsOf(api)[0].operations;
  assert.equal(matches(get, 'member PERSON'), true);
  assert.equal(matches(get, 'member house'), false);
  assert.equal(matches(remove, 'delete'), true);
  assert.equal(matches(remove, ''), true);
});

test('words of code stand between backticks', () => {
  assert.deepEqual(piecesOf('The `backup.made` tells when.'), ['The ', 'backup.made', ' tells when.']);
  assert.deepEqual(piecesOf('Nothing of it'), ['Nothing of it']);
});
