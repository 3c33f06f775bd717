"""Files that are not about people are refused in words; tables of people never are."""

from __future__ import annotations

import pytest

from pgsicbt.ingest import Upload, inspect

HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT"
VARIANTS = {
    "REGENIE": "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA\n"
    "1 1001 rs12 A G .1 100 ADD .1 .1 1 .2 NA",
    "SAIGE": "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 BETA SE Tstat var p.value\n"
    "1 1001 rs12 A G 1 .1 .1 .1 1 1 .2",
    "BOLT": "SNP CHR BP GENPOS ALLELE1 ALLELE0 A1FREQ BETA SE P_BOLT_LMM_INF\n"
    "rs12 1 1001 0 A G .1 .1 .1 .2",
    "PLINK 2 glm": "#CHROM POS ID REF ALT A1 TEST OBS_CT BETA SE T_STAT P\n"
    "1 1001 rs12 A G G ADD 100 .1 .1 1 .2",
    "PLINK assoc": " CHR SNP BP A1 F_A F_U A2 CHISQ P OR\n 1 rs12 1001 A .1 .2 G 1.1 .2 1.1",
    "PLINK qassoc": " CHR SNP BP NMISS BETA SE R2 T P\n 1 rs12 1001 100 .1 .2 .1 1.1 .2",
    "METAL": "MarkerName Allele1 Allele2 Effect StdErr P-value Direction\nrs12 a g .1 .1 .2 ++",
    "GWAS-SSF": "chromosome base_pair_location effect_allele other_allele beta p_value\n"
    "1 1001 A G .1 .2",
    "COJO": "SNP A1 A2 freq b se p N\nrs12 A G .1 .1 .1 .2 100",
    "fastGWA": "CHR SNP POS A1 A2 N AF1 BETA SE P\n1 rs12 1001 A G 100 .1 .1 .1 .1",
    "PRS-CS": "1 rs1001 1001 A G 1.2e-05\n1 rs1002 1002 C G -1.2e-05",
    "SBayesR": "Id Name Chrom Position A1 A2 A1Frq A1Effect SE PIP\n1 rs12 1 1001 A G .1 .1 .1 .2",
    "MegaPRS": "Predictor A1 A2 Centre Model1\nrs12 A G .1 .01",
    "bigsnpr": "chr,pos,a0,a1,beta,beta_se,N,p,rsid\n1,1001,A,G,.1,.1,100,.2,rs1001",
    "bim": "1\trs1001\t0\t1001\tA\tG\n1\trs1002\t0\t1002\tC\tG",
    "bim by place": "1\t1:100123:A:G\t0\t100123\tA\tG\n1\t1:100124:C:G\t0\t100124\tC\tG",
    "map": "1\trs1001\t0\t1001\n1\trs1002\t0\t1002",
    "pvar": "#CHROM\tPOS\tID\tREF\tALT\n1\t1001\trs12\tA\tG",
    "weights": "rs1001 A 0.1\nrs1002 C -0.2\nrs1003 G .3",
    "weights with a header": "SNP\tA1\tWEIGHT\nrs1001\tA\t0.1\nrs1002\tC\t-.1",
    "weights by place": "ID\teffect_allele\tPGS1\n1:1001:A:G\tA\t0.1\n1:1002:A:C\tC\t-.1",
    "frq": "CHR SNP A1 A2 MAF NCHROBS\n1 rs12 A G .1 100",
    "afreq": "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n1\trs12\tA\tG\t.1\t100",
    "lmiss": "CHR SNP N_MISS N_GENO F_MISS\n1 rs12 1 100 .01",
    "vmiss": "#CHROM\tID\tMISSING_CT\tOBS_CT\tF_MISS\n1\trs12\t1\t100\t.01",
    "PGS Catalog": "###PGS CATALOG SCORING FILE\n#format_version=2.0\nrsID\tchr_name\t"
    "effect_allele\teffect_weight\thm_chr\thm_pos\nrs12\t1\tA\t.1\t1\t1001",
    "raw": "FID IID PAT MAT SEX PHENOTYPE rs12_A rs13_G\n0 K1 0 0 1 -9 0 1\n0 K2 0 0 2 -9 1 2",
    "raw of named variants": "FID IID PAT MAT SEX PHENOTYPE a_A a_HET\n0 K1 0 0 1 -9 0 1",
    "traw": "CHR\tSNP\t(C)M\tPOS\tCOUNTED\tALT\tK1_K1\tK2_K2\n1\trs12\t0\t1001\tA\tG\t0\t1",
    "dosages": "IID,rs123,rs456,1:1001:A:G\nK1,0,1.2,2\nK2,1,1,0",
    "ped": "0 K1 0 0 1 -9 A G C C\n0 K2 0 0 2 -9 A A C T",
    "loadings": "SNP\tPC1\tPC2\nrs12\t.1\t.2\nrs13\t.2\t.3",
}
OTHERS = {
    "VCF": (
        f"{HEAD}\tQUAL\tFILTER\tINFO\tFORMAT\tK0001\n1\t9\trs1\tA\tG\t.\t.\t.\tGT\t0/1",
        "geno",
    ),
    "fits of PRSice": (
        "Set Threshold R2 P Coefficient Num_SNP\nBase .05 .1 .1 .1 100\nBase .5 .1 .1 .1 200",
        "how well each threshold did",
    ),
    "eigenvalues": ("3.1\n2.2\n1.05", "eigenvalues"),
    "variants scored": ("rs12\nrs13\nrs14", "a list of variants"),
    "many variants scored": (
        "\n".join(f"1:{i}:A:G" for i in range(1000, 4000)),
        "list of variants",
    ),
    "log": ("PLINK v2.00a3 64-bit\nOptions in effect:\n  --bfile x\n", "log of a program"),
    "heterozygosity": ("#FID\tIID\tO(HOM)\tE(HOM)\tOBS_CT\tF\n0\tK1\t1\t1\t1\t-0.1", "quality"),
    "missing genotypes": ("FID IID MISS_PHENO N_MISS N_GENO F_MISS\n0 K1 Y 1 9 .01", "quality"),
    "identifiers": ("K1 K1\nK2 K2\nK3 K3", "identifiers and nothing else"),
    "identifiers with 0": ("0 K1\n0 K2\n0 K3", "identifiers and nothing else"),
    "identifiers with a header": ("#FID\tIID\n0\tK1\n0\tK2", "identifiers and nothing else"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_are_not_people(name):
    found = inspect([Upload("f.txt", VARIANTS[name].encode())])[0]
    assert found.error is not None
    assert found.error.code == "variants"
    assert found.error.sentence.endswith("not scores per person.")
    assert not found.columns


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_of_genetic_programs_are_named(name):
    content, words = OTHERS[name]
    found = inspect([Upload("f.txt", content.encode())])[0]
    assert found.error is not None
    assert words in found.error.sentence
    assert "K0001" not in f"{found.error} {found.columns}"


def test_a_matrix_of_kinship_is_named_and_its_columns_are_not_shown():
    ids = [f"K{i:04d}" for i in range(9)]
    rows = (",".join([one, *("0.1" for _ in ids)]) for one in ids)
    found = inspect([Upload("grm.csv", "\n".join([",".join(["id", *ids]), *rows]).encode())])[0]
    assert found.error is not None
    assert found.error.code == "matrix"
    assert "K0" not in repr(found)


PEOPLE = {
    "items called a1, a2": "id,a1,a2,p\nq1,0,1,2\nq2,2,3,1",
    "arms called by letters": "id,ref,alt\nq1,A,B\nq2,B,A",
    "ids of a site called rs": "id,age,n\nrs1001,30,1\nrs1002,40,2",
    "plates and wells": "id,batch,pos\nq1,P01,A01\nq2,P02,H12",
    "a test with p and z": "id,test,z,p\nq1,x,.1,.2\nq2,y,.3,.4",
    "weight, height and info": "id,weight,height,info\nq1,70,180,a\nq2,80,170,b",
    "genes in words": "id,gene,variant\nq1,BRCA1,yes\nq2,TP53,no",
}


@pytest.mark.parametrize("name", PEOPLE)
def test_tables_of_people_are_not_taken_for_variants(name):
    found = inspect([Upload("f.csv", PEOPLE[name].encode())])[0]
    assert found.error is None or found.error.code != "variants"
    assert found.columns
