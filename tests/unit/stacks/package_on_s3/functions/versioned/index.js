exports.handler = async () => "versioned";
