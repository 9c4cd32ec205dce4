// Checks camera, microphone, speaker and browser, when somebody asks for it and on their device alone. Every failure has
// its words in the page, in the page's language.
(() => {
  const by = (id) => document.getElementById(`check-${id}`);
  const words = document.getElementById("check-words").content;
  const text = (key) => words.querySelector(`[data-says="${key}"]`).textContent;
  const [start, stop, list, said, picture, loudness] = ["start", "stop", "list", "said", "picture", "loudness"].map(by);
  const LONGEST = 120000, DARK = 5000, QUIET = 8000;
  let tracks = [], timers = [], sound, run = 0;

  const say = (what, key, good) => {
    const line = by(what);
    line.className = good === undefined ? "" : good ? "good" : "bad";
    line.querySelector("span").textContent = key ? text(key) : "";
  };
  const later = (time, what) => timers.push(setTimeout(what, time));

  const end = (key) => {
    run += 1;
    tracks.forEach((track) => track.stop());
    timers.forEach(clearTimeout);
    tracks = [];
    timers = [];
    picture.srcObject = null;
    picture.hidden = loudness.hidden = true;
    if (key) said.textContent = text(key);
    stop.hidden = true;
    start.hidden = false;
    start.textContent = text("again");
  };

  // In the words of the Media Capture standard, and of browsers from before it.
  const why = (what, error) => {
    switch (error && error.name) {
      case "NotAllowedError": case "PermissionDeniedError": case "SecurityError":
        return /system/i.test(error.message) ? "refused_by_device" : "refused";
      case "NotFoundError": case "DevicesNotFoundError": case "OverconstrainedError": return `${what}_none`;
      case "NotReadableError": case "TrackStartError": case "AbortError": return "in_use";
      default: return "failed";
    }
  };

  const browser = () => {
    const inApp = /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|musical_ly|Bytedance|LinkedInApp|GSA\/|; wv\)/.test(navigator.userAgent);
    const able = navigator.mediaDevices && navigator.mediaDevices.getUserMedia && window.RTCPeerConnection;
    if (able && !inApp) say("browser", "browser_good", true);
    else say("browser", inApp ? "browser_in_app" : window.isSecureContext ? "browser_old" : "browser_insecure", false);
    return Boolean(able);
  };

  const camera = (stream, mine) => {
    const [track] = stream.getVideoTracks();
    picture.srcObject = stream;
    picture.hidden = false;
    picture.play().catch(() => {});
    const judge = () => {
      if (mine !== run) return;
      const works = picture.videoWidth > 2 && track.readyState === "live" && !track.muted;
      say("camera", works ? "camera_good" : "camera_dark", works);
    };
    picture.addEventListener("loadeddata", judge, { once: true });
    track.addEventListener("mute", judge);
    track.addEventListener("unmute", judge);
    track.addEventListener("ended", () => { if (mine === run) say("camera", "failed", false); });
    later(DARK, judge);
  };

  const microphone = (stream, mine) => {
    say("microphone", "microphone_listening");
    loudness.hidden = false;
    const meter = sound.createAnalyser();
    sound.createMediaStreamSource(stream).connect(meter);
    const wave = new Uint8Array(meter.fftSize);
    const [track] = stream.getAudioTracks();
    let heard = false;
    const listen = () => {
      if (mine !== run) return;
      meter.getByteTimeDomainData(wave);
      const power = wave.reduce((sum, value) => sum + ((value - 128) / 128) ** 2, 0) / wave.length;
      // Speech at arm's length is some 30 to 40 dB below full scale.
      const decibels = 10 * Math.log10(power + 1e-9);
      loudness.value = Math.max(0, Math.min(100, (decibels + 60) * 2));
      if (!heard && decibels > -45) {
        heard = true;
        say("microphone", "microphone_good", true);
      }
      later(100, listen);
    };
    listen();
    track.addEventListener("ended", () => { if (mine === run) say("microphone", "failed", false); });
    later(QUIET, () => { if (mine === run && !heard) say("microphone", "microphone_quiet", false); });
  };

  const take = async (what, wanted, use, mine) => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      if (mine !== run) return stream.getTracks().forEach((track) => track.stop());
      tracks.push(...stream.getTracks());
      use(stream, mine);
    } catch (error) {
      if (mine === run) say(what, why(what, error), false);
    }
  };

  const context = () => {
    const Sound = window.AudioContext || window.webkitAudioContext;
    if (Sound && !sound) sound = new Sound();
    if (sound && sound.state === "suspended") sound.resume().catch(() => {});
    return sound;
  };

  start.addEventListener("click", async () => {
    end();
    const mine = run;
    list.hidden = false;
    ["camera", "microphone"].forEach((what) => say(what));
    if (!browser() || !context()) {
      ["camera", "microphone"].forEach((what) => say(what, "failed", false));
      said.textContent = "";
      return;
    }
    start.hidden = true;
    stop.hidden = false;
    stop.focus();
    said.textContent = text("asking");
    // One after the other, so that each has an answer of its own.
    await take("camera", { video: true }, camera, mine);
    if (mine !== run) return;
    await take("microphone", { audio: true }, microphone, mine);
    if (mine !== run) return;
    said.textContent = "";
    if (tracks.length) later(LONGEST, () => end("stopped"));
    else end();
  });
  stop.addEventListener("click", () => { end("stopped"); start.focus(); });

  const answers = (hidden) => ["heard", "unheard"].forEach((answer) => { by(answer).hidden = hidden; });
  by("play").addEventListener("click", async () => {
    const out = context();
    if (out) await Promise.race([out.resume(), new Promise((done) => setTimeout(done, 1000))]).catch(() => {});
    if (!out || out.state !== "running") return say("speaker", "failed", false);
    [523.25, 659.25].forEach((pitch, n) => {
      const [tone, volume, from] = [out.createOscillator(), out.createGain(), out.currentTime + n * 0.5];
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(0.3, from + 0.05);
      volume.gain.linearRampToValueAtTime(0, from + 0.45);
      tone.connect(volume).connect(out.destination);
      tone.start(from);
      tone.stop(from + 0.5);
    });
    say("speaker", "speaker_asked");
    answers(false);
  });
  by("heard").addEventListener("click", () => { say("speaker", "speaker_good", true); answers(true); by("play").focus(); });
  by("unheard").addEventListener("click", () => { say("speaker", "speaker_bad", false); answers(true); by("play").focus(); });

  // Zoom must find them free.
  document.addEventListener("submit", () => end());
  document.addEventListener("check-over", () => end("stopped"));
  addEventListener("pagehide", () => end());
  document.querySelector(".checking").hidden = false;
})();
