const { forecast } = require("./model");

exports.get = async ({ pathParameters: { city } }) => forecast(city);
