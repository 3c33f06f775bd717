# Least squares with robust errors, every person a cluster, by clubSandwich; writes robust.json.
# Run from this folder, after make_data.py: Rscript robust.R
suppressMessages({library(clubSandwich); library(jsonlite)})
d <- read.csv("person.csv")
z <- function(v) (v - mean(v)) / sd(v)
a <- head(d[!is.na(d$after), ], 130)
a$few <- ifelse(seq_len(nrow(a)) <= 9, "r", "c")  # a level that nine people have
a$z <- z(a$x)
a$third <- cut(rank(a$x), c(0, 44, 87, 131), labels = c("1", "2", "3"))
told <- function(m, joint = NULL) {
  terms <- names(coef(m)); out <- list(terms = terms, estimate = unname(coef(m)))
  for (type in c("CR0", "CR2")) {
    v <- vcovCR(m, cluster = a$id, type = type)
    each <- coef_test(m, vcov = v, test = "Satterthwaite")
    here <- list(std_error = each$SE, df = each$df_Satt, p = each$p_Satt)
    if (!is.null(joint)) {
      w <- Wald_test(m, constraints = constrain_zero(joint), vcov = v, test = "HTZ")
      here <- c(here, list(F = w$Fstat, F_df = w$df_denom, F_p = w$p_val))
    }
    out[[type]] <- here
  }
  out$residual_df <- df.residual(m)
  out
}
out <- list(
  ancova = told(lm(after ~ before + age + few + z, a)),
  change = told(lm(I(after - before) ~ age + few + z, a)),
  groups = told(lm(after ~ before + age + few + third, a), c("third2", "third3"))
)
out$versions <- list(R = R.version.string,
                     clubSandwich = as.character(packageVersion("clubSandwich")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 14, auto_unbox = TRUE, pretty = TRUE), "robust.json")
