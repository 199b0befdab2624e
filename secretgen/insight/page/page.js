(() => {
  "use strict";
  const form = document.getElementById("filter");
  const rows = [...document.querySelectorAll("[data-secret]")];
  const columns = [...document.querySelectorAll("[data-column]")];
  const apply = () => {
    const secret = form.elements.secret.value.trim().toLowerCase();
    const account = form.elements.account.value;
    const region = form.elements.region.value;
    let shown = 0;
    for (const row of rows) {
      const { dataset } = row;
      row.hidden = !dataset.secret.toLowerCase().includes(secret)
        || (account !== "" && !dataset.accounts.split(" ").includes(account))
        || (region !== "" && dataset.region !== region);
      shown += !row.hidden && "main" in dataset;
    }
    for (const cell of columns) {
      cell.hidden = account !== "" && cell.dataset.column !== account;
    }
    form.elements.shown.value = `${shown} shown`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
})();
