module.exports.handler = async (event) => {
  const name = event.queryStringParameters?.Name ?? "World";
  return { statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ message: `Hello, ${name}!` }) };
};
