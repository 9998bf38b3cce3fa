require("../index").handler({}).then(console.log);
