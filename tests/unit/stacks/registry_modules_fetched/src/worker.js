exports.describe = (event) => JSON.stringify(event.queryStringParameters ?? {});

exports.handler = async (event) => exports.describe(event);
