# Satterthwaite and Kenward-Roger inference of the fits of mmrm.R, by textbook formulas with dense
# matrices and numerical derivatives; writes mmrm_inference.json.
# Run from this folder: Rscript mmrm_inference.R
# No R package that Debian ships has these for nlme::gls. The variance parameters are those of SAS
# PROC MIXED (the second-derivative term of Kenward and Roger depends on that choice); their
# covariance comes from the observed information, as in SAS and in the R package mmrm.
suppressMessages({library(nlme); library(numDeriv); library(jsonlite)})

# Sigma over M visits from the natural parameters, and these from a Sigma.
lags <- function(m) abs(outer(seq_len(m), seq_len(m), "-"))
sigma_of <- function(kind, free, m) {
  lag <- lags(m)
  if (kind == "unstructured") return(function(p) {
    s <- matrix(0, m, m); s[lower.tri(s, TRUE)] <- p; s + t(s) - diag(diag(s)) })
  if (!free) return(switch(kind,
    ar1 = function(p) p[1] * p[2]^lag,
    compound_symmetry = function(p) p[1] * diag(m) + p[2],
    toeplitz = function(p) matrix(p[lag + 1], m)))
  function(p) {
    sd <- sqrt(p[seq_len(m)]); r <- p[-seq_len(m)]
    outer(sd, sd) * switch(kind, ar1 = r^lag,
      compound_symmetry = (1 - r) * diag(m) + r, toeplitz = matrix(c(1, r)[lag + 1], m))
  }
}
natural <- function(kind, free, s) {
  m <- nrow(s); r <- cov2cor(s)
  if (kind == "unstructured") return(s[lower.tri(s, TRUE)])
  cor <- if (kind == "toeplitz") r[1, -1] else r[1, 2]
  if (free) return(unname(c(diag(s), cor)))
  v <- s[1, 1]
  unname(switch(kind, ar1 = c(v, cor), compound_symmetry = c(v * (1 - cor), v * cor),
                toeplitz = c(v, v * cor)))
}
correlation <- function(kind, m) switch(kind,
  unstructured = corSymm(form = ~ position | id), ar1 = corAR1(form = ~ position | id),
  compound_symmetry = corCompSymm(form = ~ 1 | id),
  toeplitz = corARMA(form = ~ position | id, p = m - 1, q = 0))

out <- list()
for (file in sort(list.files("mmrm_data", pattern = "csv$"))) {
  d <- read.csv(file.path("mmrm_data", file))
  d$position <- d$visit + 1L
  d$visit <- factor(d$visit)
  d <- d[order(d$id, d$position), ]
  m <- nlevels(d$visit)
  x <- model.matrix(~ visit * x + sex, d); p <- ncol(x); n <- nrow(d)
  full <- d$id[ave(d$position, d$id, FUN = length) == m][1]
  # People with the same visits together: rows visit by visit within each person.
  pattern <- ave(d$position, d$id, FUN = function(v) sum(2^v))
  groups <- lapply(unique(pattern), function(k) {
    rows <- which(pattern == k)
    at <- d$position[rows][d$id[rows] == d$id[rows[1]]]
    list(at = at, z = cbind(x, d$y)[rows, , drop = FALSE], people = length(rows) / length(at))
  })
  for (s in c("unstructured", "ar1", "heterogeneous_ar1", "compound_symmetry",
              "heterogeneous_compound_symmetry", "toeplitz", "heterogeneous_toeplitz")) {
    kind <- sub("heterogeneous_", "", s)
    free <- kind != s
    sigma <- sigma_of(kind, free, m)
    sums <- function(weights) {  # sum of z' W z with W (m_k, m_k) of each pattern
      total <- matrix(0, p + 1, p + 1)
      for (k in seq_along(groups)) {
        z <- groups[[k]]$z
        wz <- weights(groups[[k]]$at) %*% matrix(z, length(groups[[k]]$at))
        total <- total + crossprod(z, matrix(wz, nrow(z)))
      }
      total
    }
    for (reml in c(TRUE, FALSE)) {
      deviance <- function(theta) {
        v <- sigma(theta)
        a <- sums(function(at) solve(v[at, at, drop = FALSE]))
        xx <- a[1:p, 1:p]; xy <- a[1:p, p + 1]
        logdet <- sum(sapply(groups, function(g) g$people * determinant(v[g$at, g$at, drop = FALSE])$modulus))
        dof <- if (reml) n - p else n
        value <- dof * log(2 * pi) + logdet + a[p + 1, p + 1] - sum(xy * solve(xx, xy))
        if (reml) value <- value + as.numeric(determinant(xx)$modulus)
        as.numeric(value)
      }
      first <- gls(y ~ visit * x + sex, d, correlation = correlation(kind, m),
                   weights = if (free || kind == "unstructured") varIdent(form = ~ 1 | visit),
                   method = if (reml) "REML" else "ML",
                   control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12,
                                        msTol = 1e-14, opt = "nlminb", returnObject = TRUE))
      theta <- natural(kind, free, unclass(getVarCov(first, individual = full)))
      # Derivatives by u at 1, in steps of a share of each parameter's size: numDeriv takes steps
      # in proportion to u, which would be far too short for a correlation near zero.
      scale <- pmax(abs(theta), 0.1); one <- rep(1, length(theta))
      steps <- list(d = 0.01)
      at_u <- function(u) theta + (u - 1) * scale
      for (i in 1:3) {
        loss <- function(u) deviance(at_u(u))
        theta <- at_u(1 - solve(hessian(loss, one, method.args = steps),
                                grad(loss, one, method.args = steps)))
      }
      covariance <- 2 * solve(hessian(function(u) deviance(at_u(u)), one, method.args = steps)) *
        outer(scale, scale)
      v <- sigma(theta); k <- length(theta)
      phi_of <- function(t) { w <- sigma(t)
        solve(sums(function(at) solve(w[at, at, drop = FALSE]))[1:p, 1:p]) }
      phi <- phi_of(theta)
      a <- sums(function(at) solve(v[at, at, drop = FALSE]))
      beta <- as.numeric(phi %*% a[1:p, p + 1])
      slopes <- array(jacobian(function(u) phi_of(at_u(u)), one, method.args = steps), c(p, p, k))
      for (i in seq_len(k)) slopes[, , i] <- slopes[, , i] / scale[i]
      df_of <- function(l) { g <- apply(slopes, 3, function(s) sum(l * (s %*% l)))
        2 * sum(l * (phi %*% l))^2 / sum(g * (covariance %*% g)) }
      unit <- diag(p)
      key <- paste(sub(".csv", "", file), s, if (reml) "REML" else "ML", sep = "/")
      rows <- unit[grep(":x$", colnames(x)), , drop = FALSE]
      # Satterthwaite's F, as lmerTest: uncorrelated combinations, then the mean of nu / (nu - 2).
      e <- eigen(rows %*% phi %*% t(rows))
      turned <- t(e$vectors) %*% rows
      nu <- apply(turned, 1, df_of)
      f <- mean(as.numeric(turned %*% beta)^2 / e$values)
      ex <- sum(nu / (nu - 2)); q <- nrow(rows)
      found <- list(log_likelihood = -deviance(theta) / 2, terms = colnames(x), estimate = beta,
                    std_error = sqrt(diag(phi)), df = apply(unit, 1, df_of),
                    f = f, f_df = 2 * ex / (ex - q))
      if (reml) {
        # Kenward & Roger (1997): P_i, Q_ij, R_ij; the derivatives of Sigma numerically.
        dv <- jacobian(function(u) sigma(at_u(u)), one, method.args = steps)
        first_d <- lapply(seq_len(k), function(i) matrix(dv[, i], m) / scale[i])
        inner <- function(u) jacobian(function(w) sigma(at_u(w)), u, method.args = steps)
        ddv <- jacobian(inner, one, method.args = steps)
        ddv <- array(ddv, c(m * m, k, k))
        part <- function(make) sums(make)[1:p, 1:p]
        ps <- lapply(first_d, function(g) part(function(at) {
          w <- solve(v[at, at, drop = FALSE]); -w %*% g[at, at, drop = FALSE] %*% w }))
        shift <- matrix(0, p, p)
        for (i in seq_len(k)) for (j in seq_len(k)) {
          qij <- part(function(at) { w <- solve(v[at, at, drop = FALSE])
            w %*% first_d[[i]][at, at, drop = FALSE] %*% w %*% first_d[[j]][at, at, drop = FALSE] %*% w })
          second <- matrix(ddv[, i, j], m) / (scale[i] * scale[j])
          rij <- part(function(at) { w <- solve(v[at, at, drop = FALSE]); w %*% second[at, at, drop = FALSE] %*% w })
          shift <- shift + covariance[i, j] * (qij - ps[[i]] %*% phi %*% ps[[j]] - rij / 4)
        }
        adjusted <- phi + 2 * phi %*% shift %*% phi
        # Their scaled F of the products of visit and x.
        th <- t(rows) %*% solve(rows %*% phi %*% t(rows)) %*% rows
        a1 <- a2 <- 0
        for (i in seq_len(k)) for (j in seq_len(k)) {
          left <- th %*% phi %*% ps[[i]] %*% phi; right <- th %*% phi %*% ps[[j]] %*% phi
          a1 <- a1 + covariance[i, j] * sum(diag(left)) * sum(diag(right))
          a2 <- a2 + covariance[i, j] * sum(diag(left %*% right))
        }
        b <- (a1 + 6 * a2) / (2 * q); g <- ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        low <- 3 * q + 2 * (1 - g)
        c1 <- g / low; c2 <- (q - g) / low; c3 <- (q + 2 - g) / low
        es <- 1 / (1 - a2 / q)
        vs <- 2 / q * (1 + c1 * b) / ((1 - c2 * b)^2 * (1 - c3 * b))
        rho <- vs / (2 * es^2); df <- 4 + (q + 2) / (q * rho - 1)
        value <- rows %*% beta
        plain <- as.numeric(t(value) %*% solve(rows %*% adjusted %*% t(rows)) %*% value) / q
        found$kr <- list(std_error = sqrt(diag(adjusted)), f = df / (es * (df - 2)) * plain, f_df = df)
      }
      out[[key]] <- found
      cat(key, "\n")
    }
  }
}
out$versions <- list(R = R.version.string, nlme = as.character(packageVersion("nlme")),
                     numDeriv = as.character(packageVersion("numDeriv")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "mmrm_inference.json")
