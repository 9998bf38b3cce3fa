module.exports.handler = async function () {
  return { statusCode: 204 };
};
