exports.handler = async () => "stale";
