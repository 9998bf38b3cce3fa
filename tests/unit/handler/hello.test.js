"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { handler } = require("../../../lambda/hello/index.js");

/** The event that an HTTP API sends in payload format 2.0, for a GET with nothing but the path. */
const event = (rawPath, rest = {}) => ({
  version: "2.0",
  routeKey: "GET /hello",
  rawPath,
  rawQueryString: "",
  headers: { accept: "*/*", host: "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com" },
  requestContext: {
    accountId: "123456789012",
    apiId: "a1b2c3d4e5",
    domainName: "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    domainPrefix: "a1b2c3d4e5",
    http: { method: "GET", path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "curl/8.5.0" },
    requestId: "JKJaXmPLvHcESHA=",
    routeKey: "GET /hello",
    stage: "$default",
    time: "10/Mar/2026:15:40:06 +0000",
    timeEpoch: 1773157206000,
  },
  isBase64Encoded: false,
  ...rest,
});

const answer = (body) => ({ statusCode: 200, headers: { "Content-Type": "application/json" }, body });

test("answers with the path of the request", async () => {
  const found = await handler(event("/hello"));
  assert.deepEqual(found, answer('{"message":"Hello from Lambda!","path":"/hello"}'));
});

test("the path is the one asked for, not the one of the route", async () => {
  const found = await handler(event("/stage/hello/world"));
  assert.deepEqual(found, answer('{"message":"Hello from Lambda!","path":"/stage/hello/world"}'));
});

test("a path that JSON has to escape comes back as it was", async () => {
  const path = '/"quoted"\\\u2028é';
  const found = await handler(event(path));
  assert.deepEqual(JSON.parse(found.body), { message: "Hello from Lambda!", path });
});

test("neither query string nor body is in the answer", async () => {
  const found = await handler(event("/hello", { rawQueryString: "a=1", body: '{"b":2}' }));
  assert.deepEqual(found, answer('{"message":"Hello from Lambda!","path":"/hello"}'));
});

test("the event is left as it was", async () => {
  const sent = event("/hello");
  await handler(sent);
  assert.deepEqual(sent, event("/hello"));
});

test("payload format 1.0 has no rawPath, so the answer has no path", async () => {
  const found = await handler({
    version: "1.0",
    resource: "/hello",
    path: "/hello",
    httpMethod: "GET",
    headers: {},
    requestContext: { path: "/hello", resourcePath: "/hello", httpMethod: "GET", stage: "$default" },
    body: null,
    isBase64Encoded: false,
  });
  assert.deepEqual(found, answer('{"message":"Hello from Lambda!"}'));
});
