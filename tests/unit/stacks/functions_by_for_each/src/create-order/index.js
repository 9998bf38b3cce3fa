const { randomUUID } = require("node:crypto");

const handler = async (event) => ({
  statusCode: 201,
  body: JSON.stringify({ id: randomUUID(), ...JSON.parse(event.body ?? "{}") }),
});

module.exports = { handler };
