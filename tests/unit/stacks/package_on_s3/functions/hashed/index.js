exports.handler = async () => "hashed";
