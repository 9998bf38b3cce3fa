const worker = require("./worker");

module.exports = {
  handler: async (event) => ({ statusCode: 200, body: worker.describe(event) }),
};
