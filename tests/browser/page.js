// What is wrong with the page that this runs in: for each check a list of words.
() => {
  const text = (element) => (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 60);
  const name = (element) => `<${element.localName} class="${element.getAttribute("class") || ""}">`;

  // Nothing that runs, loads or leads elsewhere.
  const active = () => {
    const loading = "script, img, iframe, frame, object, embed, link, base, form, audio, video, source, image, " +
      "foreignObject, animate, set, meta[http-equiv=refresh]";
    const found = [...document.querySelectorAll(loading)].map((element) => `${name(element)} loads or runs something`);
    for (const element of document.querySelectorAll("*")) {
      for (const { name: attribute, value } of element.attributes) {
        const leads = ["href", "xlink:href", "src", "action", "formaction", "srcdoc", "ping"].includes(attribute);
        if (attribute.startsWith("on") || attribute === "style" || (leads && !value.startsWith("#"))) {
          found.push(`${name(element)} has ${attribute}="${value.slice(0, 60)}"`);
        }
      }
    }
    return found;
  };

  const policy = () => {
    const meta = document.querySelector("head > meta[http-equiv=Content-Security-Policy]");
    return meta && meta.content.startsWith("default-src 'none';") && !/unsafe|\*|https?:|data:/.test(meta.content)
      ? [] : [`the policy is ${meta ? meta.content : "missing"}`];
  };

  const overflow = () => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
    return [`the page is ${document.documentElement.scrollWidth} wide and not ${width}: ${wide.slice(0, 3).map(name)}`];
  };

  // Contrast of text as WCAG 2 has it: 4.5, and 3 for large text.
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const painted = one.localName === "g" ? getComputedStyle(one.querySelector("rect")).fill
        : getComputedStyle(one).backgroundColor;
      const [r, g, b, alpha = 1] = channels(painted);
      if (alpha === 1) return [r, g, b];
      if (alpha > 0) throw new Error(`${name(one)}: a background of ${painted} shows through`);
    }
    return [255, 255, 255];
  };
  const contrast = () => {
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !element.checkVisibility() || element.closest("title, style, defs, symbol")) continue;
      const style = getComputedStyle(element);
      const color = channels(element.closest("svg") ? style.fill : style.color).slice(0, 3);
      const [darker, lighter] = [luminance(color), luminance(background(element))].sort((a, b) => a - b);
      const ratio = (lighter + 0.05) / (darker + 0.05);
      const size = parseFloat(style.fontSize);
      const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
      if (ratio < needed) found.add(`${ratio.toFixed(2)} and not ${needed} at ${name(element)}: ${text(element)}`);
    }
    return [...found];
  };

  // What a screen reader goes by.
  const structure = () => {
    const found = [];
    if (!document.documentElement.lang) found.push("the page has no language");
    if (!document.querySelector("meta[name=viewport]")) found.push("there is no viewport for a phone");
    for (const landmark of ["header", "main", "nav", "footer"]) {
      if (!document.querySelector(landmark)) found.push(`there is no ${landmark}`);
    }
    let level = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
      const next = Number(heading.localName[1]);
      if (next > level + 1) found.push(`h${next} after h${level}: ${text(heading)}`);
      level = next;
    }
    if (document.querySelectorAll("h1").length !== 1) found.push("there is not one h1");
    for (const picture of document.querySelectorAll("svg:not([aria-hidden])")) {
      const label = document.getElementById(picture.getAttribute("aria-labelledby"));
      if (picture.getAttribute("role") !== "img" || !text(label || picture.ownerDocument.createElement("p"))) {
        found.push(`${name(picture)} has no words`);
      }
    }
    for (const fold of document.querySelectorAll("details")) {
      if (!fold.querySelector(":scope > summary")) found.push(`${name(fold)} has no summary`);
    }
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    for (const id of new Set(ids.filter((one, place) => ids.indexOf(one) !== place))) found.push(`two are named ${id}`);
    for (const link of document.querySelectorAll("a[href^='#']")) {
      if (!document.getElementById(link.hash.slice(1))) found.push(`${link.hash} leads nowhere`);
    }
    return found;
  };

  return { active: active(), policy: policy(), overflow: overflow(), contrast: contrast(), structure: structure() };
}
