async function handle(event) {
  return { statusCode: 200, body: event.rawPath };
}

exports.handle = handle;
